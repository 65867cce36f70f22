import { openList } from '../../server/debtors/import/list.ts';
import { resolveFormat } from '../../server/debtors/import/profiles.ts';
import { createRowReader } from '../../server/debtors/import/rows.ts';

/** What an import is measured against: only parses and normalises FILE by PROFILE, and prints how long that took, as one JSON line. */

const [filePath = '', profile = ''] = process.argv.slice(2);
const startedAt = performance.now();
const format = resolveFormat(profile, {});
const list = await openList(filePath, format);
const readRow = createRowReader(format, list.layout);
let rows = 0;
for await (const records of list.records) {
  for (const { cells } of records) if (readRow(cells).kind !== 'blank') rows += 1;
}
process.stdout.write(`${JSON.stringify({ rows, elapsedMs: performance.now() - startedAt })}\n`);
