import { existsSync } from 'node:fs';
import type { KeyObject } from 'node:crypto';
import { loadSettings } from '../server/config.ts';
import { migrateToLatest } from '../server/kernel/migrate.ts';
import { auditHistory, type AuditFault, type AuditResult } from '../server/kernel/seal/audit.ts';
import { readHeadFiles } from '../server/kernel/seal/heads.ts';
import { historyFolder, keyName, readPublicKey, trustedKeys } from '../server/kernel/seal/keys.ts';
import { unsealedAgeSeconds } from '../server/kernel/seal/store.ts';
import { borrowDatabase } from '../server/machine/borrow.ts';
import { withPool } from './postgres.ts';
import { atMost, misuse, readOptions, report, tell } from './report.ts';

/**
 * `npm run audit [-- --month YYYY-MM] [--key FILE] [--json]`: verifies the sealed history, every row by month, the chain of batches and the signed
 * heads. Names the first bad row and exits 1 when something is wrong. `--key` trusts that public key alone.
 */

const COMMAND = 'audit';
const SAYS: Readonly<Record<AuditFault['kind'], string>> = {
  body_changed: 'the body is not what its leaf says',
  leaf_changed: 'the leaf was changed',
  row_changed: 'the row is not what was sealed',
  row_removed: 'the row was removed',
  row_inserted: 'the row was inserted into sealed history',
  root_wrong: 'the rows do not give the root of the batch',
  batch_changed: 'the batch was changed',
  chain_broken: 'the batch does not continue the one before',
  signature_wrong: 'the signature of the head is wrong',
  key_unknown: 'the head is signed by a key that is not trusted here',
  head_contradicted: 'the signed head says something else than the history',
};

const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), {
  month: { type: 'string', multiple: true },
  key: { type: 'string' },
  json: { type: 'boolean', default: false },
});
if (positionals.length > 0) misuse(COMMAND, `what is '${positionals[0]}'? It takes options only`);
const wrong = values.month?.find((month) => !/^\d{4}-(0[1-9]|1[0-2])$/.test(month));
if (wrong !== undefined) misuse(COMMAND, `--month takes a month such as 2026-11, not '${wrong}'`);

const settings = loadSettings();
const folder = historyFolder(settings.DATA_DIR, settings.HISTORY_KEY_FILE ?? null);
const keys = keysToTrust();
const borrowed = await borrowDatabase(settings);
try {
  await withPool(borrowed.databaseUrl, async (_, database) => {
    await migrateToLatest(database);
    const began = performance.now();
    const result = await auditHistory({
      database,
      keys,
      exported: readHeadFiles(folder.headsFolder),
      months: values.month?.map((month) => `${month}-01`),
      onProgress: ({ month, events }) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${month.slice(0, 7)}  ${events} events `);
      },
    });
    if (process.stderr.isTTY) process.stderr.write('\r');
    for (const fault of result.faults) tell(sentence(fault));
    const seconds = (performance.now() - began) / 1_000;
    const figures = figuresOf(result, seconds, await unsealedAgeSeconds(database));
    report(COMMAND, [atMost('audit_faults', result.faultsInAll, 0)], figures, values);
  });
} finally {
  await borrowed.release();
}

function keysToTrust(): Map<string, KeyObject> {
  if (values.key === undefined) return trustedKeys(folder);
  if (!existsSync(values.key)) misuse(COMMAND, `there is no file ${values.key}`);
  try {
    const key = readPublicKey(values.key);
    return new Map([[keyName(key), key]]);
  } catch {
    return misuse(COMMAND, `${values.key} holds no Ed25519 key in PEM`);
  }
}

function figuresOf(result: AuditResult, seconds: number, unsealedSeconds: number): Record<string, unknown> {
  const { events, erased, unsealed, batches, heads, months, faults } = result;
  const [first] = faults;
  return {
    events,
    erased,
    unsealed,
    unsealed_age_s: Math.round(unsealedSeconds * 10) / 10,
    batches,
    heads,
    months: months.length,
    seconds: Math.round(seconds * 10) / 10,
    first_fault: first === undefined ? 'none' : sentence(first),
    // People have read them above.
    ...(values.json ? { faults: faults.map(plain) } : {}),
  };
}

function plain({ eventId, batch, ...rest }: AuditFault): Record<string, string | null> {
  return { ...rest, eventId: eventId?.toString() ?? null, batch: batch?.toString() ?? null };
}

function sentence({ kind, eventId, batch, day }: AuditFault): string {
  const where = [
    eventId === null ? null : `event ${eventId}`,
    batch === null ? null : `batch ${batch}`,
    day === null ? null : eventId === null && batch === null ? `head of ${day}` : day,
  ];
  return `${where.filter((part) => part !== null).join(', ')}: ${SAYS[kind]} (${kind})`;
}
