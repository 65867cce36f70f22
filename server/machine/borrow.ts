import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Settings } from '../config.ts';
import { takeLock } from './lock.ts';
import { planOf } from './plan.ts';
import { readSecrets } from './secrets.ts';
import { startServices } from './services.ts';
import { AlreadyRunning, lockFile } from './supervisor.ts';

const Ready = z.object({ databaseUrl: z.string() });

/** The database of this installation, for as long as a command needs it. */
export interface BorrowedDatabase {
  databaseUrl: string;
  /** Gives it back; a PostgreSQL that was started for the purpose is stopped. */
  release(): Promise<void>;
}

/** The database set in the settings, else that of the Wusul running here, else our own PostgreSQL, started for the purpose. */
export async function borrowDatabase(settings: Settings): Promise<BorrowedDatabase> {
  const notOurs = runningDatabase(settings);
  if (notOurs !== null) return { databaseUrl: notOurs, release: () => Promise.resolve() };
  mkdirSync(settings.RUNTIME_DIR, { recursive: true });
  const lock = takeLock(lockFile(settings.RUNTIME_DIR));
  if ('identity' in lock) throw new AlreadyRunning('Wusul is just being started or stopped here; try again in a moment');
  try {
    const secrets = readSecrets(join(settings.DATA_DIR, 'secrets.json'));
    const services = await startServices({ ...planOf(settings, secrets), switch: 'none', redisUrl: 'none', diesWithUs: true });
    return {
      databaseUrl: services.databaseUrl,
      async release() {
        await services.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The database of the settings, else that of the Wusul that runs here, or null. */
export function runningDatabase(settings: Settings): string | null {
  if (settings.DATABASE_URL !== undefined) return settings.DATABASE_URL;
  const file = join(settings.RUNTIME_DIR, 'ready.json');
  return existsSync(file) ? Ready.parse(JSON.parse(readFileSync(file, 'utf8'))).databaseUrl : null;
}
