import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { sql } from 'kysely';
import { createUser } from '../../server/access/users.ts';
import { TRUNK_DIGEST } from '../../server/campaigns/trunks/store.ts';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../server/contract/campaigns.ts';
import type { Role } from '../../server/contract/people.ts';
import type { Clock } from '../../server/kernel/clock.ts';
import type { Database } from '../../server/kernel/database.ts';
import { createLogger } from '../../server/kernel/log.ts';
import { buildApp, type App } from '../../server/web/app.ts';
import { FloorLine } from '../../server/web/floor-line.ts';
import { Origins } from '../../server/web/origins.ts';
import type { WebServices } from '../../server/web/services.ts';
import { freshDatabase } from './database.ts';
import { freshRedis } from './redis.ts';

export const PUBLIC_URL = 'http://wusul.test';
export const PASSWORD = 'a password of ten or more';
export const STATION_KEY = 'station-key-of-a-test';

/** A clock that stands still until it is moved. */
export class StillClock implements Clock {
  #ms = Date.UTC(2026, 10, 23, 8);
  now(): Temporal.Instant {
    return Temporal.Instant.fromEpochMilliseconds(this.#ms);
  }
  monotonicMs(): number {
    return this.#ms;
  }
  advance(duration: { hours?: number; minutes?: number; seconds?: number }): void {
    this.#ms += Temporal.Duration.from(duration).total('milliseconds');
  }
}

/** The web application on a database and Redis of its own; it does not listen. */
export interface TestWeb {
  app: App;
  database: Database;
  databaseUrl: string;
  redis: Redis;
  redisUrl: string;
  clock: StillClock;
  services: WebServices;
  dataDir: string;
  /** Makes a user and returns the id. The password is PASSWORD. */
  addUser(login: string, role: Role, options?: { demo?: boolean }): Promise<string>;
  /** Signs in and returns the Cookie header. */
  cookieOf(login: string): Promise<string>;
  /** Asks as somebody; `null` asks as nobody. */
  ask(
    cookie: string | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Record<string, unknown> }>;
  addTrunk(name: string, kind: 'demo' | 'real', armed: boolean): Promise<void>;
  /** Has a test call of the trunk passed, so many days ago, with the settings that it has now. */
  proveTrunk(name: string, daysAgo?: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens the application; the file closes it (`afterAll`). */
export async function openWeb(options: { trustedProxies?: readonly string[] } = {}): Promise<TestWeb> {
  const [fresh, memory] = await Promise.all([freshDatabase(), freshRedis()]);
  const { database } = fresh;
  const clock = new StillClock();
  const log = createLogger('test', 'fatal');
  const dataDir = mkdtempSync(join(tmpdir(), 'wusul-web-'));
  const floor = new FloorLine(memory.redis, 'main', log);
  const services: WebServices = {
    database,
    redis: memory.redis,
    clock,
    log,
    version: '0.0.0-test',
    dataDir,
    consolesDir: join(dataDir, 'consoles'),
    origins: new Origins(PUBLIC_URL),
    secure: false,
    tls: null,
    trustedProxies: options.trustedProxies ?? [],
    floor,
    sip: { wsUrl: 'ws://127.0.0.1:1/ws', host: '127.0.0.1', port: 5060 },
    stationKey: STATION_KEY,
    announce: () => Promise.resolve(),
  };
  const app = await buildApp(services);
  await floor.start();

  async function ask(
    cookie: string | null,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
  ): ReturnType<TestWeb['ask']> {
    const response = await app.inject({
      method,
      url,
      headers: cookie === null ? {} : { cookie },
      ...(body === undefined ? {} : { payload: body }),
    });
    const text = response.body;
    const parsed = text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as Record<string, unknown>) : { text };
    return { status: response.statusCode, body: parsed, headers: response.headers };
  }

  return {
    app,
    database,
    databaseUrl: fresh.url,
    redis: memory.redis,
    redisUrl: memory.url,
    clock,
    services,
    dataDir,
    ask,
    addUser: (login, role, options = {}) =>
      database.transaction().execute((transaction) =>
        createUser(
          transaction,
          {
            login,
            displayName: `Name of ${login}`,
            password: PASSWORD,
            role,
            language: 'en',
            stationKind: 'browser',
            demo: options.demo ?? false,
          },
          'test',
        ),
      ),
    async cookieOf(login) {
      const response = await app.inject({ method: 'POST', url: '/api/v1/session', payload: { login, password: PASSWORD } });
      const cookie = response.cookies[0];
      if (!cookie) throw new Error(`${login} could not sign in: ${response.body}`);
      return `${cookie.name}=${cookie.value}`;
    },
    async addTrunk(name, kind, armed) {
      await database
        .insertInto('trunk')
        .values({ name, kind, uri: 'sip:127.0.0.1', armed, channel_limit: 10, calls_per_second: 5 })
        .execute();
    },
    async proveTrunk(name, daysAgo = 0) {
      await sql`
        insert into trunk_test (id, trunk, digest, number_end, asked_by, floor_id, state, result, deadline_at, ended_at)
        select gen_random_uuid(), trunk.name, ${TRUNK_DIGEST}, '000', (select id from app_user limit 1), 'main', 'ended', 'passed',
          clock_timestamp(), clock_timestamp() - ${daysAgo} * interval '1 day'
        from trunk where trunk.name = ${name}`.execute(database);
    },
    async close() {
      await floor.stop();
      await app.close();
      await memory.close();
      await fresh.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Settings of a real campaign that lack nothing. */
export function realSettings(change: Partial<CampaignSettings> = {}): CampaignSettings {
  return { ...DEFAULT_CAMPAIGN_SETTINGS, callerId: '+966112345678', trunk: 'real', ...change };
}
