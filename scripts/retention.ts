import { loadSettings } from '../server/config.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';
import { eraseExpired } from '../server/worker/retention.ts';
import { withPool } from './postgres.ts';
import { misuse, readOptions, tell } from './report.ts';

/**
 * `npm run retention [-- --erase] [--json]`: counts the bodies of events and the notes of calls that the packs no longer want kept; `--erase`
 * erases them now, as the worker does each night.
 */

const COMMAND = 'retention';

const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  erase: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});
if (positionals.length > 0) misuse(COMMAND, `what is '${positionals[0]}'? It takes options only`);

const borrowed = await borrowDatabase(loadSettings());
try {
  await withPool(borrowed.databaseUrl, async (_, database) => {
    await migrateToLatest(database);
    const { bodies, notes } = await eraseExpired(database, { dryRun: !values.erase });
    const words = `${bodies} bodies of events and ${notes} notes ${values.erase ? 'erased' : 'whose retention is over'}`;
    if (values.json) {
      tell(words);
      process.stdout.write(`${JSON.stringify({ name: COMMAND, erased: values.erase, bodies, notes })}\n`);
    } else process.stdout.write(`${words}\n`);
  });
} finally {
  await borrowed.release();
}
