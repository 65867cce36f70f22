import type { Redis } from 'ioredis';
import type { Clock } from '../kernel/clock.ts';
import type { Database } from '../kernel/database.ts';
import type { Logger } from '../kernel/log.ts';
import type { News } from '../kernel/news.ts';
import type { FloorLine } from './floor-line.ts';
import type { Origins } from './origins.ts';

/** What the routes stand on; `start.ts` makes it and ends it, tests make their own. */
export interface WebServices {
  database: Database;
  redis: Redis;
  clock: Clock;
  log: Logger;
  version: string;
  dataDir: string;
  /** Folder of the built consoles; may be missing. */
  consolesDir: string;
  origins: Origins;
  /** Cookies are sent over HTTPS only. */
  secure: boolean;
  tls: { cert: Buffer; key: Buffer } | null;
  /** Whose word on a caller's address is taken. */
  trustedProxies: readonly string[];
  floor: FloorLine;
  sip: { wsUrl: string; host: string; port: number };
  stationKey: string;
  /** Tells every web process; a failure is logged and left to their polls. */
  announce: (message: News) => Promise<void>;
}
