import { createImport } from '../../server/debtors/import/imports.ts';
import { runImport } from '../../server/debtors/import/run.ts';
import { withPool } from '../postgres.ts';

/**
 * The measured process of `bench import`: imports FILE by PROFILE into the database at URL and prints what it took, as one JSON line. It does
 * nothing else, so that its peak memory is that of an import.
 */

const [filePath = '', profile = '', url = ''] = process.argv.slice(2);
const measured = await withPool(url, async (pool, database) => {
  const importId = await createImport(database, { filePath, fileName: 'bench', profile, campaignId: null, dryRun: false });
  const startedAt = performance.now();
  let readAt = startedAt;
  const result = await runImport({
    pool,
    database,
    importId,
    onProgress: ({ phase }) => {
      if (phase === 'reading') readAt = performance.now();
    },
  });
  return { result, elapsedMs: performance.now() - startedAt, readingMs: readAt - startedAt };
});
const { user, system } = process.cpuUsage();
const figures = { ...measured, cpuMs: (user + system) / 1_000, peakMb: process.resourceUsage().maxRSS / 1_024 };
process.stdout.write(`${JSON.stringify(figures)}\n`);
