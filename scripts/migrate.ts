/** `npm run migrate`: brings the database to the newest schema: the one set, that of the Wusul running here, or our own. */
import { seedRulePacks } from '../server/compliance/store.ts';
import { loadSettings } from '../server/config.ts';
import { createDatabase, createPool } from '../server/kernel/database.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';

const borrowed = await borrowDatabase(loadSettings());
try {
  const database = createDatabase(createPool(borrowed.databaseUrl, { max: 2, applicationName: 'wusul migrate' }));
  const applied = await migrateToLatest(database);
  await seedRulePacks(database);
  await database.destroy();
  process.stdout.write(applied.length === 0 ? 'The database is at the newest schema.\n' : `Applied: ${applied.join(', ')}\n`);
} finally {
  await borrowed.release();
}
