/**
 * The settings of Wusul: one schema, read here and nowhere else. `.env.example` and the table in the README are made
 * from it, so that neither can be out of date.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { isLoopback } from './kernel/loopback.ts';
import { address, count, existingFile, folder, host, port, proxies, text } from './kernel/setting-values.ts';

const ROOT = join(import.meta.dirname, '..');

const GROUPS = ['Services of your own', 'The web', 'Telephony', 'Where things are kept', 'One machine of several'] as const;

interface Meta {
  group: (typeof GROUPS)[number];
  /** What it does, in one sentence for an operator. */
  says: string;
  /** What holds when it is not set, in words, where no value says it. */
  otherwise?: string;
  example?: string;
  secret?: boolean;
}

const metas = z.registry<Meta>();
const own = (says: string, otherwise: string, example: string, secret = false): Meta => ({
  group: GROUPS[0],
  says,
  otherwise,
  example,
  secret,
});

/** Every setting by the name of its environment variable. */
const Shape = z.object({
  DATABASE_URL: address(['postgres:', 'postgresql:'])
    .optional()
    .register(
      metas,
      own('PostgreSQL 18 or later.', 'an own PostgreSQL is started', 'postgres://wusul:secret@db.example:5432/wusul', true),
    ),
  REDIS_URL: address(['redis:', 'rediss:'])
    .optional()
    .register(
      metas,
      own(
        'Redis 6.2 or later, with `maxmemory-policy noeviction`.',
        'an own Redis is started',
        'redis://:secret@redis.example:6379/0',
        true,
      ),
    ),
  ARI_URL: address(['http:', 'https:'])
    .optional()
    .register(
      metas,
      own(
        'HTTP address of an Asterisk 22; `ARI_USER` and `ARI_PASSWORD` go with it.',
        'an own Asterisk is started',
        'http://pbx.example:8088',
      ),
    ),
  ARI_USER: text.optional().register(metas, own('User of ARI.', 'generated', 'wusul')),
  ARI_PASSWORD: text.optional().register(metas, own('Password of ARI.', 'generated', 'secret', true)),
  AMI_URL: address(['tcp:', 'tls:'])
    .optional()
    .register(metas, own('Address of Asterisk’s manager interface.', 'the own Asterisk’s', 'tcp://pbx.example:5038')),
  AMI_USER: text.optional().register(metas, own('User of the manager interface.', 'generated', 'wusul')),
  AMI_SECRET: text.optional().register(metas, own('Secret of the manager interface.', 'generated', 'secret', true)),
  SIP_WS_URL: address(['ws:', 'wss:'])
    .optional()
    .register(
      metas,
      own(
        'SIP over WebSocket of your Asterisk; browsers reach it through `/sip`.',
        '`/ws` of `ARI_URL`',
        'ws://pbx.example:8088/ws',
      ),
    ),
  CEL_FILE: text
    .optional()
    .register(
      metas,
      own(
        'Event record (CEL) of your Asterisk, if it is on this machine.',
        'the own Asterisk’s',
        '/var/log/asterisk/cel-custom/record.csv',
      ),
    ),

  HTTP_BIND: host.default('127.0.0.1').register(metas, {
    group: 'The web',
    says: 'Address to listen on. Any other than loopback needs `TLS_CERT` and `TLS_KEY`, and no demo.',
  }),
  HTTP_PORT: port.default(8080).register(metas, {
    group: 'The web',
    says: 'Port of the consoles and the API; another one is taken, and printed, when it is in use.',
  }),
  PUBLIC_URL: address(['http:', 'https:']).optional().register(metas, {
    group: 'The web',
    says: 'Address under which browsers reach Wusul.',
    otherwise: 'made of bind and port',
    example: 'https://wusul.example',
  }),
  TRUST_PROXY: proxies.optional().register(metas, {
    group: 'The web',
    says: 'Reverse proxies whose word on a caller’s address is taken: `loopback`, IP addresses or networks, with commas between. `PUBLIC_URL` goes with it, and no demo.',
    otherwise: 'off: nobody’s',
    example: 'loopback',
  }),
  TLS_CERT: existingFile.optional().register(metas, {
    group: 'The web',
    says: 'Certificate chain in PEM.',
    otherwise: 'plain HTTP',
    example: '/etc/wusul/cert.pem',
  }),
  TLS_KEY: existingFile
    .optional()
    .register(metas, { group: 'The web', says: 'Private key in PEM.', otherwise: 'plain HTTP', example: '/etc/wusul/key.pem' }),

  TRUNK_URI: z
    .string()
    .regex(/^sips?:[A-Za-z0-9._:[\]-]+(;[A-Za-z0-9=.-]+)*$/, 'must be a SIP address such as sip:host:5060')
    .optional()
    .register(metas, {
      group: 'Telephony',
      says: 'Far end of the trunk that calls go out on; `TRUNK_KIND` goes with it.',
      otherwise: 'the demo carrier',
      example: 'sip:127.0.0.1:5070',
    }),
  TRUNK_KIND: z.enum(['demo', 'real'], 'must be demo or real').optional().register(metas, {
    group: 'Telephony',
    says: '`demo`: a carrier on loopback that calls nobody. `real`: the telephone network; it starts disarmed.',
    otherwise: '`demo`',
    example: 'real',
  }),
  TRUNK_USER: text.optional().register(metas, {
    group: 'Telephony',
    says: 'User for the trunk’s digest authentication.',
    otherwise: 'none',
    example: 'account',
  }),
  TRUNK_PASSWORD: text
    .optional()
    .register(metas, { group: 'Telephony', says: 'Password for it.', otherwise: 'none', example: 'secret', secret: true }),
  TRUNK_REGISTER: z
    .enum(['on', 'off'], 'must be on or off')
    .default('off')
    .register(metas, { group: 'Telephony', says: 'Whether the trunk wants us to register.' }),
  TRUNK_NUMBER_FORM: z
    .enum(['plus', 'digits', 'zeros', 'national'], 'must be plus, digits, zeros or national')
    .default('plus')
    .register(metas, {
      group: 'Telephony',
      says: 'How the trunk wants numbers: `plus` +9665…, `digits` 9665…, `zeros` 009665…, `national` 05… at home and 00… abroad.',
    }),
  TRUNK_COUNTRY_CODE: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, 'must be a country’s calling code, such as 966')
    .optional()
    .register(metas, { group: 'Telephony', says: 'The trunk’s own country, for `national`.', otherwise: 'none', example: '966' }),
  TRUNK_PREFIX: z
    .string()
    .regex(/^[\d*#]*$/, 'must be digits')
    .optional()
    .register(metas, { group: 'Telephony', says: 'Put before every number on the trunk.', otherwise: 'nothing', example: '9' }),
  TRUNK_CHANNELS: count.default(100).register(metas, { group: 'Telephony', says: 'Most calls on the trunk at once.' }),
  TRUNK_CALLS_PER_SECOND: count
    .default(25)
    .register(metas, { group: 'Telephony', says: 'Most new calls on the trunk in a second.' }),
  SIP_PORT: port.default(5160).register(metas, {
    group: 'Telephony',
    says: 'UDP port on which SIP phones register; another one is taken when it is in use.',
  }),
  RTP_PORTS: z
    .string()
    .regex(/^\d{4,5}-\d{4,5}$/, 'must be a range such as 18000-18799')
    .refine((range) => {
      const [from = 0, to = 0] = range.split('-').map(Number);
      return from >= 1024 && to <= 65_535 && to - from >= 20;
    }, 'must be a range of at least 20 ports between 1024 and 65535')
    .default('18000-18799')
    .register(metas, { group: 'Telephony', says: 'UDP ports for voice, two for each leg.' }),
  MEDIA_ADDRESS: host
    .default('127.0.0.1')
    .register(metas, { group: 'Telephony', says: 'IP address at which browsers and phones reach this machine’s voice.' }),
  SOUND_LANGUAGE: z
    .enum(['ar', 'fa', 'en'], 'must be ar, fa or en')
    .default('en')
    .register(metas, { group: 'Telephony', says: 'Language of the switch’s own announcements.' }),

  DATA_DIR: folder.prefault('.runtime/data').register(metas, {
    group: 'Where things are kept',
    says: 'What must be kept: the databases, the generated secrets, uploads, recordings.',
  }),
  HISTORY_KEY_FILE: existingFile.optional().register(metas, {
    group: 'Where things are kept',
    says: 'Ed25519 private key in PEM that signs the daily heads of the history, the same on all machines.',
    otherwise: 'made in `DATA_DIR`',
    example: '/etc/wusul/history.pem',
  }),
  PACING_RECORD_DAYS: count.default(14).register(metas, {
    group: 'Where things are kept',
    says: 'For how many days the record of every pacing decision is kept in `DATA_DIR`, for `npm run replay`.',
  }),
  RUNTIME_DIR: folder.prefault('.runtime').register(metas, {
    group: 'Where things are kept',
    says: 'What can be made again: unpacked programs, logs, `ready.json`.',
  }),
  RECORD_KEEP_DAYS: z.coerce.number().int('must be a whole number').min(1).max(3_650).default(35).register(metas, {
    group: 'Where things are kept',
    says: 'How many days the switch’s event record is kept, from which abandoned calls can be counted again.',
  }),
  RECORD_KEEP_MB: z.coerce.number().int('must be a whole number').min(1).default(10_000).register(metas, {
    group: 'Where things are kept',
    says: 'How large, in MiB, that record may become before its oldest part is deleted, whatever its age.',
  }),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error'], 'must be debug, info, warn or error')
    .default('info')
    .register(metas, { group: 'Where things are kept', says: 'Least severity that is logged. Logs never hold personal data.' }),

  DEMO: z.enum(['on', 'off'], 'must be on or off').default('on').register(metas, {
    group: 'One machine of several',
    says: 'Whether the demo floor is laid: accounts, debtors, robots. `--no-demo` says `off`.',
  }),
  FLOOR_ID: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and dashes')
    .default('main')
    .register(metas, {
      group: 'One machine of several',
      says: 'Floor that this machine’s dialer serves: the campaigns that exchange agents.',
    }),
  STATION_SECRET: z.string().min(32, 'must have at least 32 characters').optional().register(metas, {
    group: 'One machine of several',
    says: 'Key of the stations’ SIP passwords and of voice messages, the same on all machines.',
    otherwise: 'generated',
    example: 'at least 32 random characters',
    secret: true,
  }),
});

const Rules = Shape.check(({ value, issues }) => {
  const together = (name: keyof z.output<typeof Shape>, needs: (keyof z.output<typeof Shape>)[]) => {
    for (const other of needs) {
      if (value[name] !== undefined && value[other] === undefined) fault(other, `must be set when ${name} is`);
    }
  };
  function fault(name: keyof z.output<typeof Shape>, message: string): void {
    issues.push({ code: 'custom', path: [name], message, input: value[name] });
  }
  together('ARI_URL', ['ARI_USER', 'ARI_PASSWORD']);
  together('AMI_URL', ['AMI_USER', 'AMI_SECRET']);
  together('TLS_CERT', ['TLS_KEY']);
  together('TLS_KEY', ['TLS_CERT']);
  together('TRUNK_URI', ['TRUNK_KIND']);
  together('TRUST_PROXY', ['PUBLIC_URL']);
  if (value.TRUST_PROXY !== undefined && value.DEMO === 'on')
    fault('TRUST_PROXY', 'must not be set while the demo is on: its accounts are known (start with --no-demo)');
  if (value.TRUNK_NUMBER_FORM === 'national' && value.TRUNK_COUNTRY_CODE === undefined) {
    fault('TRUNK_COUNTRY_CODE', 'must be set when TRUNK_NUMBER_FORM is national');
  }
  if (value.TRUNK_REGISTER === 'on' && value.TRUNK_USER === undefined)
    fault('TRUNK_USER', 'must be set when TRUNK_REGISTER is on');
  if (value.TRUNK_KIND === 'real' && value.TRUNK_URI === undefined) fault('TRUNK_URI', 'must be set when TRUNK_KIND is real');
  const farEnd = /^sips?:(\[[^\]]+\]|[^:;]+)/.exec(value.TRUNK_URI ?? '')?.[1];
  if (value.TRUNK_KIND === 'demo' && farEnd !== undefined && !isLoopback(farEnd))
    fault('TRUNK_URI', 'must be on loopback when TRUNK_KIND is demo');
  if (
    value.TRUNK_KIND === 'real' &&
    farEnd !== undefined &&
    !isLoopback(farEnd) &&
    value.ARI_URL === undefined &&
    isLoopback(value.MEDIA_ADDRESS)
  )
    fault('MEDIA_ADDRESS', 'must be the address at which the carrier reaches this machine when TRUNK_KIND is real');
  if (!isLoopback(value.HTTP_BIND)) {
    if (value.TLS_CERT === undefined)
      fault('TLS_CERT', 'must be set when HTTP_BIND is not loopback: browsers give a microphone to secure pages only');
    if (value.DEMO === 'on')
      fault('HTTP_BIND', 'must be loopback while the demo is on: its accounts are known (start with --no-demo)');
  }
});

export type Settings = z.output<typeof Shape>;
export type SettingName = keyof Settings;

/** Every fault of the settings at once, each with the name of its variable. */
export class SettingsError extends Error {
  readonly code = 'settings';
  readonly faults: { name: string; fault: string }[];

  constructor(faults: { name: string; fault: string }[]) {
    super(`These settings cannot be used:\n${faults.map(({ name, fault }) => `  ${name}: ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/**
 * Reads the settings from `environment`, then from `file` (the text of a `.env` file, or null), which the environment overrules.
 * An empty value counts as not set. Throws SettingsError with every fault.
 */
export function readSettings(environment: Record<string, string | undefined>, file: string | null): Settings {
  const fromFile = file === null ? {} : parseEnv(file);
  const given: Record<string, string> = {};
  for (const name of Object.keys(Shape.shape)) {
    const value = [environment[name], fromFile[name]].find((candidate) => candidate !== undefined && candidate.trim() !== '');
    if (value !== undefined) given[name] = value.trim();
  }
  const unknown = Object.keys(fromFile).filter((name) => !(name in Shape.shape));
  const read = Rules.safeParse(given);
  const faults = [
    ...unknown.map((name) => ({ name, fault: 'is not a setting of Wusul (in .env)' })),
    ...(read.error?.issues ?? []).map((issue) => ({ name: String(issue.path[0]), fault: issue.message })),
  ];
  // A value that is wrong in itself may break further rules; the first is the one to mend.
  const first = faults.filter(({ name }, index) => faults.findIndex((other) => other.name === name) === index);
  if (first.length > 0 || !read.success) throw new SettingsError(first);
  return read.data;
}

/**
 * The settings of this process: those of its command line, then its environment, then the `.env` file beside package.json.
 * Throws SettingsError.
 */
export function loadSettings(commandLine: Partial<Record<SettingName, string>> = {}): Settings {
  const file = join(ROOT, '.env');
  return readSettings({ ...process.env, ...commandLine }, existsSync(file) ? readFileSync(file, 'utf8') : null);
}

/** The environment of this process for those it starts, with `settings` laid over it; null takes a variable away. */
export function environmentWith(
  settings: Partial<Record<SettingName | 'NODE_COMPILE_CACHE' | 'MALLOC_ARENA_MAX', string | null>>,
): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const [name, value] of Object.entries(settings)) {
    if (value === null) delete environment[name];
    else environment[name] = value;
  }
  return environment;
}

/** The text of `.env.example`: every setting, commented out, with what holds without it. */
export function settingsExample(): string {
  const lines = ['# Settings of Wusul. Nothing needs to be set: copy a line to `.env`, take the # away, and change it.', ''];
  for (const group of GROUPS) {
    lines.push(`# --- ${group}`, '');
    for (const { name, meta, value } of describedSettings().filter((setting) => setting.meta.group === group)) {
      lines.push(
        `# ${meta.says}${meta.otherwise === undefined ? '' : ` Otherwise: ${meta.otherwise}.`}`,
        `#${name}=${value ?? meta.example ?? ''}`,
        '',
      );
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The table of settings for the README, in Markdown. */
export function settingsTable(): string {
  const rows = describedSettings().map(
    ({ name, meta, value }) =>
      `| \`${name}\` | ${meta.says} | ${value === undefined ? (meta.otherwise ?? '') : `\`${value}\``} |`,
  );
  return ['| setting | what it is | when not set |', '|---|---|---|', ...rows].join('\n');
}

function describedSettings(): { name: string; meta: Meta; value: string | undefined }[] {
  return Object.entries(Shape.shape).map(([name, schema]) => {
    const meta = metas.get(schema);
    if (meta === undefined) throw new Error(`${name} has no description`);
    return { name, meta, value: defaultText(schema) };
  });
}

function defaultText(schema: z.core.$ZodType): string | undefined {
  const { def } = schema._zod;
  return 'defaultValue' in def ? String(def.defaultValue) : undefined;
}
