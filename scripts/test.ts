/** `npm test`: the checks, then every test; the last line counts them. Arguments go to Vitest: `npm test -- test/queue`. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const PROGRAMS = join(ROOT, 'node_modules/.bin');
const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  numFailedTestSuites: z.number(),
});

const chosen = process.argv.slice(2);
// Whoever asks for some tests by name is at work on them: the checks come with the whole run.
const check = chosen.length > 0 ? 0 : run(process.execPath, [join(ROOT, 'scripts/check.ts')]);

const reportFile = join(ROOT, '.runtime', `tests-${process.pid}.json`);
mkdirSync(join(ROOT, '.runtime'), { recursive: true });
const tests = await runTests();
const report = existsSync(reportFile) ? Report.parse(JSON.parse(readFileSync(reportFile, 'utf8'))) : null;
rmSync(reportFile, { force: true });

// A file that could not even be loaded has no test that failed, and counts as one.
const failed = report === null ? 1 : Math.max(report.numFailedTests, report.numFailedTestSuites > 0 ? 1 : 0, tests === 0 ? 0 : 1);
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
if (check !== 0) process.stdout.write('The checks failed: see above.\n');
process.stdout.write(
  `${report?.numPassedTests ?? 0} passed, ${failed + (check === 0 ? 0 : 1)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exit(check === 0 && tests === 0 ? 0 : 1);

function run(program: string, args: string[]): number {
  return spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1;
}

/** Vitest gets our signals passed on, so that it ends the servers it started. */
function runTests(): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const child = spawn(join(PROGRAMS, 'vitest'), ['run', ...reporters, ...chosen], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
  });
}
