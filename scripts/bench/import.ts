import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { z } from 'zod';
import { loadSettings } from '../../server/config.ts';
import { importResult, type ImportResult } from '../../server/contract/imports.ts';
import { runningDatabase } from '../../server/machine/borrow.ts';
import { nodeOptions } from '../../server/machine/role.ts';
import { withScratchDatabase } from '../postgres.ts';
import { atLeast, atMost, misuse, readOptions, report, tell, wholeNumber } from '../report.ts';

const COMMAND = 'bench import';
const GENERATOR = join(import.meta.dirname, '../../test/data/lists/generate.mjs');
const FILES: Readonly<Record<string, string>> = {
  'sa-bank': 'sa-bank.csv',
  'eg-telecom': 'eg-telecom.csv',
  'ir-leasing': 'ir-leasing.tsv',
  'us-agency': 'us-agency.csv',
};
const IMPORTING = join(import.meta.dirname, 'importing.ts');
const PARSING = join(import.meta.dirname, 'parsing.ts');
/** A rate is promised for a size: indexes that fit in memory, and a start that is shared by few rows, make others differ. */
const ROWS_PER_S = { million: 15_000, fewer: 5_000 };
const OF_PARSING = 0.33;
const PEAK_MB = 300;

const figures = z.object({
  result: importResult,
  elapsedMs: z.number(),
  readingMs: z.number(),
  cpuMs: z.number(),
  peakMb: z.number(),
});
const parsed = z.object({ rows: z.number(), elapsedMs: z.number() });
const expectations = z.object({ files: z.record(z.string(), z.looseObject({})) });

/**
 * `npm run bench -- import --rows 200000 [--profile P] [--seed N] [--json]`: imports a generated list into a database of its own. The rate is that
 * of the whole import, reading and merging, and from a million rows on it is held against that of only parsing the same file; the peak is the resident memory of a process that does nothing else.
 */
export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, {
    rows: { type: 'string' },
    seed: { type: 'string' },
    profile: { type: 'string', default: 'sa-bank' },
    json: { type: 'boolean', default: false },
  });
  const rows = wholeNumber(COMMAND, 'rows', values.rows, { otherwise: 200_000, least: 100, most: 10_000_000 });
  const seed = wholeNumber(COMMAND, 'seed', values.seed, { otherwise: 1, least: 0, most: 1_000_000 });
  const file = FILES[values.profile];
  if (file === undefined) misuse(COMMAND, `--profile takes one of ${Object.keys(FILES).join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'wusul-bench-'));
  try {
    tell(`Writing a list of ${rows} rows…`);
    const generator = ['--rows', String(rows), '--seed', String(seed), '--out', folder, '--only', file];
    await promisify(execFile)(process.execPath, [GENERATOR, ...generator]);
    tell('Only parsing it…');
    const parsing = parsed.parse(await measure([PARSING, join(folder, file), values.profile]));
    const measured = await withScratchDatabase(runningDatabase(loadSettings()), async (url) => {
      tell('Importing it…');
      return figures.parse(await measure([IMPORTING, join(folder, file), values.profile, url]));
    });
    const { result, elapsedMs, readingMs, cpuMs, peakMb } = measured;
    const checks = [
      atLeast('import_rows_per_s', rows / (elapsedMs / 1_000), rows >= 1_000_000 ? ROWS_PER_S.million : ROWS_PER_S.fewer),
      ...(rows >= 1_000_000 ? [atLeast('import_vs_parse', parsing.elapsedMs / elapsedMs, OF_PARSING)] : []),
      atMost('import_peak_mb', peakMb, PEAK_MB),
      atMost('import_counts_wrong', countsWrong(result, folder, file), 0),
    ];
    const times = {
      parse_rows_per_s: Math.round(parsing.rows / (parsing.elapsedMs / 1_000)),
      elapsed_ms: Math.round(elapsedMs),
      reading_ms: Math.round(readingMs),
      node_cpu_ms: Math.round(cpuMs),
    };
    report(COMMAND, checks, { rows, seed, profile: values.profile, ...times, result }, values);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(program: readonly string[]): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [...nodeOptions('worker'), ...program]);
  return JSON.parse(stdout);
}

/** How many of the counts differ from what the generator says a correct import must count. */
function countsWrong(result: ImportResult, folder: string, file: string): number {
  const expected = expectations.parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))).files[file] ?? {};
  return Object.entries(result).filter(([name, value]) => !isDeepStrictEqual(expected[name], value)).length;
}
