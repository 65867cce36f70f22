import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { sql } from 'kysely';
import { inject } from 'vitest';
import { Phone } from '../../scripts/robots/phone.ts';
import { stationAccountFor } from '../../server/agents/stations.ts';
import { environmentWith, readSettings } from '../../server/config.ts';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../server/contract/campaigns.ts';
import type { Desk, DeskCommand, DeskReply } from '../../server/contract/desk.ts';
import {
  floorCommand,
  floorCommandsKey,
  floorEvent,
  floorEventsKey,
  type FloorCommand,
  type FloorEvent,
} from '../../server/contract/floor.ts';
import type { Wallboard } from '../../server/contract/wallboard.ts';
import { startDialer as startDialerHere } from '../../server/dialer/start.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import type { Database } from '../../server/kernel/database.ts';
import { createLogger } from '../../server/kernel/log.ts';
import type { RunningRole } from '../../server/kernel/role.ts';
import { defineStream, follow, publish } from '../../server/kernel/streams.ts';
import { trunkSettings } from '../../server/telephony/trunk.ts';
import { endProcess, startProcess, type RunningProcess } from '../../server/machine/process.ts';
import { roleContext } from '../../server/machine/role.ts';
import { enrolCampaign } from '../../server/queue/enrol.ts';
import { eventually } from './conditions.ts';
import { freshDatabase } from './database.ts';
import { freshRedis } from './redis.ts';
import { startSwitch, type TestSwitch } from './switch.ts';
import { openWire, type Wire } from './wire.ts';

/** From which the stations' secrets are derived. */
export const STATION_SECRET = 'station-secret-of-a-test-0123456789';
const COMMANDS = defineStream(floorCommandsKey('main'), floorCommand);
const EVENTS = defineStream(floorEventsKey('main'), floorEvent);
const ALIVE_MS = 1_000;

/** A floor with real servers and a dialer in a process of its own, so that it can be killed. Tests stand where `web` stands. */
export interface TestFloor {
  database: Database;
  databaseUrl: string;
  redis: Redis;
  asterisk: TestSwitch;
  /** The dialer's way to Postgres, to Redis and to the switch's ARI: each may be cut and mended. */
  wires: { postgres: Wire; redis: Wire; ari: Wire };
  /** The debtors' end of every call, where the floor was opened with one; it does as the test says. */
  farEnd: Phone | null;
  campaignId: string;
  /** Where its dialers keep what must be kept. */
  dataDir: string;
  events: FloorEvent[];
  dialer(): RunningProcess;
  /** Starts another dialer; resolves when it holds the floor. */
  startDialer(): Promise<void>;
  board(): Wallboard | null;
  addAgent(role?: 'agent' | 'supervisor'): Promise<TestAgent>;
  /** Debtors whose numbers end in these two digits (dialplans/README.md), one debt each, in the campaign's queue. Returns their party ids. */
  addDebtors(outcomes: readonly string[]): Promise<string[]>;
  /** Tells the dialer what `web` would. */
  tell(command: Extract<FloorCommand, { type: 'changed' | 'corrected' }>): Promise<void>;
  setCampaign(change: { state?: 'running' | 'paused'; settings?: Partial<CampaignSettings> }): Promise<void>;
  close(): Promise<void>;
}

/** An agent of the floor with a SIP phone, whose console answers while `answering`. */
export interface TestAgent {
  agentId: string;
  phone: Phone;
  desk(): Desk | null;
  /** Every desk seen, in order. */
  seen: Desk[];
  answering: boolean;
  /** Asks as a console would; rejects when nobody replies within `limitMs`. */
  ask(command: DeskCommand, limitMs?: number): Promise<DeskReply>;
  /** The desk as the dialer has it at this moment, told or not; the console does not count as answering by it. */
  look(): Promise<Desk>;
  /** Waits for a desk that fits. */
  until(what: string, fits: (desk: Desk) => boolean, limitMs?: number): Promise<Desk>;
  /** Makes the station known to the switch; `register` has its phone register too, `logIn` calls it. */
  provision(): Promise<void>;
  register(): Promise<void>;
  logIn(): Promise<void>;
  close(): Promise<void>;
}

let serial = 0;

/**
 * Opens a floor with an empty, running demo campaign. The file closes it (`afterAll`). Debtors answer as the demo carrier has it, or
 * with `farEnd: 'phone'` as one telephone in the test's hands. `trunks`: see `startSwitch`. With a clock the dialer runs by it, in the test's own process.
 */
export async function openFloor(
  settings: Partial<CampaignSettings> = {},
  options: { farEnd?: 'carrier' | 'phone'; clock?: Clock; trunks?: readonly string[] } = {},
): Promise<TestFloor> {
  const farEnd = options.farEnd === 'phone' ? await Phone.open(null) : null;
  const trunk =
    farEnd && trunkSettings.parse({ name: 'main', kind: 'demo', uri: `sip:${farEnd.uri.split('@')[1]}`, dtmf: 'inband' });
  const [fresh, memory, asterisk] = await Promise.all([
    freshDatabase(),
    freshRedis(),
    startSwitch(trunk ? { trunks: [trunk] } : {}, options.trunks),
  ]);
  const { database } = fresh;
  const log = createLogger('test', 'fatal');
  const wires = {
    postgres: await openWire(fresh.url),
    redis: await openWire(memory.url),
    ari: await openWire(asterisk.ariUrl),
  };
  const events: FloorEvent[] = [];
  const agents: TestAgent[] = [];
  let board: Wallboard | null = null;
  let dialer: RunningProcess | null = null;
  let own: RunningRole | null = null;
  const listeners = new Set<(event: FloorEvent) => void>();
  const reader = follow(memory.redis, EVENTS, {
    log,
    onMessage(event) {
      if (event.type === 'wallboard') board = event.wallboard;
      else events.push(event);
      for (const listener of listeners) listener(event);
    },
  });
  const alive = setInterval(() => {
    const agentIds = agents.filter((agent) => agent.answering).map((agent) => agent.agentId);
    if (agentIds.length > 0) publish(memory.redis, COMMANDS, { type: 'alive', agentIds }).catch(() => undefined);
  }, ALIVE_MS);

  await database
    .insertInto('trunk')
    .values({
      name: 'main',
      kind: 'demo',
      uri: trunk?.uri ?? `sip:127.0.0.1:${asterisk.ports.carrier}`,
      armed: true,
      channel_limit: 50,
      calls_per_second: 20,
    })
    .execute();
  const creditor = await database
    .insertInto('creditor')
    .values({ name: 'Test creditor', demo: true })
    .returning('id')
    .executeTakeFirstOrThrow();
  const campaign = await database
    .insertInto('campaign')
    .values({
      name: 'Test campaign',
      creditor_id: creditor.id,
      state: 'running',
      demo: true,
      settings: JSON.stringify({ ...OPEN_SETTINGS, ...settings }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();

  const dataDir = join(inject('runFolder'), `data-${campaign.id}`);

  async function startDialer(): Promise<void> {
    const before = events.filter((event) => event.type === 'taken').length;
    const environment = {
      DATABASE_URL: wires.postgres.url,
      REDIS_URL: wires.redis.url,
      ARI_URL: wires.ari.url,
      ARI_USER: asterisk.ari.user,
      ARI_PASSWORD: asterisk.ari.password,
      CEL_FILE: asterisk.recordFile,
      STATION_SECRET,
      SIP_PORT: String(asterisk.ports.sip),
      RUNTIME_DIR: inject('runFolder'),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'info',
    };
    if (options.clock) {
      const context = roleContext('dialer', readSettings(environment, null), 'test');
      own = await startDialerHere({ ...context, log }, { clock: options.clock });
    } else {
      dialer = await startProcess({
        name: 'dialer',
        file: process.execPath,
        args: [join(import.meta.dirname, '../../server/main.ts'), '--role', 'dialer'],
        environment: environmentWith(environment),
        logFile: join(inject('runFolder'), `dialer-${process.pid}-${(serial += 1)}.log`),
      });
    }
    await eventually('a dialer takes the floor', () => events.filter((event) => event.type === 'taken').length > before, 30_000);
  }

  async function addAgent(role: 'agent' | 'supervisor' = 'agent'): Promise<TestAgent> {
    serial += 1;
    const user = await database
      .insertInto('app_user')
      .values({
        login: `agent-${serial}`,
        display_name: `Agent ${serial}`,
        role,
        password_hash: '-',
        station_kind: 'sip',
        demo: true,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (role === 'agent')
      await database.insertInto('campaign_agent').values({ campaign_id: campaign.id, user_id: user.id }).execute();
    const agent = await openAgent(user.id);
    agents.push(agent);
    return agent;
  }

  async function openAgent(agentId: string): Promise<TestAgent> {
    const account = stationAccountFor(STATION_SECRET, agentId);
    const phone = await Phone.open({ ...account, domain: '127.0.0.1', host: '127.0.0.1', port: asterisk.ports.sip });
    const seen: Desk[] = [];
    listeners.add((event) => {
      if (event.type === 'desk' && event.desk.agentId === agentId) seen.push(event.desk);
      // A new owner of the floor: what was known is void, as for every console.
      if (event.type === 'taken') {
        seen.length = 0;
        void request({ type: 'desk_snapshot', id: randomUUID(), agentId }).then((reply) => {
          if (reply.ok) seen.push(reply.desk);
        });
      }
    });
    const agent: TestAgent = {
      agentId,
      phone,
      seen,
      answering: true,
      desk: () => seen.at(-1) ?? null,
      ask: (command, limitMs) => request({ type: 'desk', id: randomUUID(), agentId, seq: 0, command }, limitMs),
      async look() {
        const reply = await request({ type: 'desk_snapshot', id: randomUUID(), agentId });
        if (!reply.ok) throw new Error(`refused: ${reply.problem.code}`);
        return reply.desk;
      },
      async until(what, fits, limitMs = 15_000) {
        await eventually(what, () => seen.length > 0 && fits(seen.at(-1) as Desk), limitMs);
        return seen.at(-1) as Desk;
      },
      async provision() {
        expectOk(await request({ type: 'provision_station', id: randomUUID(), agentId }));
      },
      async register() {
        await agent.provision();
        await phone.register();
      },
      async logIn() {
        await agent.register();
        expectOk(await agent.ask({ type: 'log_in', campaignId: campaign.id }));
        await agent.until('the agent is logged in', (desk) => desk.state === 'paused' && desk.legUp);
      },
      close: () => phone.close(),
    };
    return agent;
  }

  async function request(
    command: Extract<Parameters<typeof publish<typeof floorCommand>>[2], { id: string; agentId: string }>,
    limitMs = 15_000,
  ): Promise<DeskReply> {
    const reply = new Promise<DeskReply>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the dialer did not reply')), limitMs);
      const listener = (event: FloorEvent): void => {
        if (event.type !== 'reply' || event.id !== command.id) return;
        clearTimeout(timer);
        listeners.delete(listener);
        resolve(event.reply);
      };
      listeners.add(listener);
    });
    await publish(memory.redis, COMMANDS, command);
    return reply;
  }

  await startDialer();
  return {
    database,
    databaseUrl: fresh.url,
    redis: memory.redis,
    asterisk,
    wires,
    farEnd,
    campaignId: campaign.id,
    dataDir,
    events,
    dialer() {
      if (!dialer) throw new Error('no dialer runs');
      return dialer;
    },
    startDialer,
    board: () => board,
    addAgent,
    async addDebtors(outcomes) {
      const ids = await seedDebtors(database, creditor.id, campaign.id, outcomes);
      await enrolCampaign(database, campaign.id);
      return ids;
    },
    tell: (command) => publish(memory.redis, COMMANDS, command),
    async setCampaign(change) {
      const row = await database
        .selectFrom('campaign')
        .select('settings')
        .where('id', '=', campaign.id)
        .executeTakeFirstOrThrow();
      await database
        .updateTable('campaign')
        .set({
          ...(change.state === undefined ? {} : { state: change.state }),
          version: sql<number>`version + 1`,
          settings: JSON.stringify({ ...(row.settings as CampaignSettings), ...change.settings }),
        })
        .where('id', '=', campaign.id)
        .execute();
      await publish(memory.redis, COMMANDS, { type: 'changed', what: 'campaign', id: campaign.id });
    },
    async close() {
      clearInterval(alive);
      await reader.stop();
      await Promise.all(agents.map((agent) => agent.close()));
      await own?.stop();
      if (dialer) await endProcess(dialer.identity, 'SIGTERM', 10_000);
      for (const wire of Object.values(wires)) await wire.close();
      await farEnd?.close();
      await asterisk.stop();
      await memory.close();
      await fresh.drop();
    },
  };
}

/** Open at every hour, short times, so that a test waits for little. */
const OPEN_SETTINGS: CampaignSettings = {
  ...DEFAULT_CAMPAIGN_SETTINGS,
  countries: ['ZZ'],
  hours: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '00:00', to: '24:00' }],
  caps: { personPerDay: 50, personPerWeek: 100, debtPerWeek: 100, minutesBetween: 1 },
  screening: { enabled: false, machine: 'hang_up' },
  ringTimeoutMs: 15_000,
  minRingMs: 5_000,
  wrapUpLimitMs: 60_000,
};

async function seedDebtors(
  database: Database,
  creditorId: string,
  campaignId: string,
  outcomes: readonly string[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const outcome of outcomes) {
    serial += 1;
    const name = `Debtor ${serial}`;
    const party = await database
      .insertInto('party')
      .values({
        display_name: name,
        folded_name: name.toLowerCase(),
        country: 'ZZ',
        language: 'en',
        time_zones: ['Asia/Riyadh'],
        demo: true,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const phone = await database
      .insertInto('phone')
      .values({
        e164: `+999${String(10_000 + serial)}${outcome}`,
        country: 'ZZ',
        number_type: 'unknown',
        time_zones: ['Asia/Riyadh'],
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database.insertInto('party_phone').values({ party_id: party.id, phone_id: phone.id }).execute();
    const debt = await database
      .insertInto('debt')
      .values({
        creditor_id: creditorId,
        account: `T-${serial}`,
        currency: 'SAR',
        balance_minor: BigInt(100_000 + serial),
        due_on: '2025-01-31',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await database.insertInto('debt_party').values({ debt_id: debt.id, party_id: party.id }).execute();
    await database.insertInto('campaign_debt').values({ campaign_id: campaignId, debt_id: debt.id }).execute();
    ids.push(party.id);
  }
  return ids;
}

function expectOk(reply: DeskReply): void {
  if (!reply.ok) throw new Error(`refused: ${reply.problem.code}: ${reply.problem.message}`);
}
