import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { listUsers } from '../server/access/store.ts';
import { changeUser, createUser } from '../server/access/users.ts';
import { loadSettings } from '../server/config.ts';
import {
  createUserBody,
  LANGUAGES,
  loginName,
  password as passwordRule,
  ROLES,
  STATION_KINDS,
} from '../server/contract/people.ts';
import { createDatabase, createPool, type Database } from '../server/kernel/database.ts';
import { Refusal } from '../server/kernel/errors.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';
import { misuse, readOptions, tell } from './report.ts';

/**
 * `npm run user -- add LOGIN --role ROLE [--name NAME] [--language L] [--station S] [--speaks ar,fa] [--skills NAMES]`,
 * `disable LOGIN`, `password LOGIN`, `list [--json]`.
 * A password is the first line of standard input, never an argument: those can be read by every process of the machine.
 */

const COMMAND = 'user';
const ACTIONS = ['add', 'disable', 'password', 'list'] as const;
const text = { type: 'string' } as const;
const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  role: text,
  name: text,
  language: text,
  station: text,
  speaks: text,
  skills: text,
  json: { type: 'boolean', default: false },
});
const [action, login, ...more] = positionals;
const known = ACTIONS.find((each) => each === action);
if (known === undefined) misuse(COMMAND, `say what to do: ${ACTIONS.join(', ')}`);
if (more.length > 0) misuse(COMMAND, 'one sign-in name at a time');
const needsName = known !== 'list';
if (needsName && login === undefined) misuse(COMMAND, `name somebody: npm run user -- ${known} LOGIN`);
if (!needsName && login !== undefined) misuse(COMMAND, 'list takes no name');

const borrowed = await borrowDatabase(loadSettings());
try {
  const database = createDatabase(createPool(borrowed.databaseUrl, { max: 2, applicationName: 'wusul user' }));
  try {
    await migrateToLatest(database);
    await run(database);
  } finally {
    await database.destroy();
  }
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${COMMAND}: ${error.message}\n`);
  process.exitCode = 2;
} finally {
  await borrowed.release();
}

async function run(database: Database): Promise<void> {
  if (known === 'list') return list(database);
  if (known === 'add') return add(database);
  const name = checked('the sign-in name', loginName.safeParse(login));
  const user = (await listUsers(database)).find((each) => each.login === name);
  if (!user) throw new Refusal('unknown_user', `there is nobody named ${name}`);
  const change = known === 'disable' ? { disabled: true } : { password: await readPassword() };
  await database
    .transaction()
    .execute((transaction) => changeUser(transaction, user.id, change, { id: 'command line', spare: null }));
  tell(known === 'disable' ? `${name} can no longer sign in.` : `${name} has a new password; open sessions have ended.`);
}

async function add(database: Database): Promise<void> {
  const role = ROLES.find((each) => each === values.role);
  if (role === undefined) throw new Refusal('role_missing', `give --role ${ROLES.join('|')}`);
  const user = checked(
    'the account',
    createUserBody.safeParse({
      login,
      displayName: values.name ?? login,
      role,
      password: await readPassword(),
      ...oneOf('language', values.language, LANGUAGES),
      ...oneOf('stationKind', values.station, STATION_KINDS),
      languages: listed(values.speaks),
      skills: listed(values.skills),
    }),
  );
  const { campaignIds: _, ...person } = user;
  await database.transaction().execute((transaction) => createUser(transaction, { ...person, demo: false }, 'command line'));
  tell(`${user.login} can sign in as ${role}.`);
}

async function list(database: Database): Promise<void> {
  const users = await listUsers(database);
  if (values.json) {
    const rows = users.map(({ createdAt, ...user }) => ({ ...user, createdAt: createdAt.toString() }));
    process.stdout.write(`${JSON.stringify({ users: rows })}\n`);
    return;
  }
  for (const user of users) {
    const flags = [user.demo ? 'demo' : '', user.disabled ? 'disabled' : ''].filter((flag) => flag !== '').join(', ');
    process.stdout.write(`${user.role.padEnd(11)} ${user.login.padEnd(24)} ${flags}\n`);
  }
}

function oneOf<T extends string>(field: string, given: string | undefined, allowed: readonly T[]): Record<string, T> {
  if (given === undefined) return {};
  const value = allowed.find((each) => each === given);
  if (value === undefined) throw new Refusal('invalid', `${given} is not one of ${allowed.join(', ')}`);
  return { [field]: value };
}

/** A list as it stands on a command line: apart by commas. */
function listed(given: string | undefined): string[] {
  return (given ?? '').split(',').flatMap((each) => each.trim() || []);
}

function checked<T>(
  what: string,
  parsed: { success: true; data: T } | { success: false; error: { issues: { message: string }[] } },
): T {
  if (parsed.success) return parsed.data;
  throw new Refusal('invalid', `${what}: ${parsed.error.issues[0]?.message ?? 'not valid'}`);
}

/** The first line of standard input; typed without an echo where a person sits there. */
async function readPassword(): Promise<string> {
  const typed = process.stdin.isTTY;
  if (typed) process.stderr.write('Password: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: typed });
  const line = await new Promise<string>((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
  });
  lines.close();
  if (typed) process.stderr.write('\n');
  return checked('the password', passwordRule.safeParse(line));
}
