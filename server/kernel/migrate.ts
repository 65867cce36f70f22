import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { Migrator } from 'kysely/migration';

const FOLDER = join(import.meta.dirname, 'migrations');

/**
 * Brings the schema to the newest version, alone (Kysely takes an advisory lock), each file in its turn, forward only.
 * Returns the names applied now; throws with the name of the file that failed.
 */
export async function migrateToLatest<S>(database: Kysely<S>): Promise<string[]> {
  const migrator = new Migrator({ db: database, provider: { getMigrations: readMigrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName ?? 'unknown';
    throw new Error(`Migration ${failed} failed`, { cause: error });
  }
  await sql`select ensure_month_partitions(13)`.execute(database);
  return (results ?? []).map((result) => result.migrationName);
}

async function readMigrations(): Promise<Record<string, { up: (db: Kysely<unknown>) => Promise<void> }>> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(FOLDER, file), 'utf8');
      const up = async (db: Kysely<unknown>): Promise<void> => {
        await sql.raw(text).execute(db);
      };
      return [file.replace(/\.sql$/, ''), { up }] as const;
    }),
  );
  return Object.fromEntries(migrations);
}
