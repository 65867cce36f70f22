import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SHIPPED_CATALOGUE } from '../server/compliance/shipped.ts';
import { judgeVectors } from '../server/compliance/vectors.ts';
import { misuse, readOptions, tell } from './report.ts';

/**
 * `npm run vectors -- FILE [--json]`: judges a file of vectors by the packs that ship, without any server. Prints each failure and, as
 * the last line, `N passed, N failed`; exits 1 when one failed, 2 when there is nothing to judge.
 */

const COMMAND = 'vectors';
const { values, positionals } = readOptions(COMMAND, process.argv.slice(2), { json: { type: 'boolean', default: false } });
const [file, ...more] = positionals;
if (file === undefined) misuse(COMMAND, 'name a file: npm run vectors -- FILE');
if (more.length > 0) misuse(COMMAND, 'one file at a time');

const results = judgeVectors(SHIPPED_CATALOGUE, readEntries(file));
const failures = results.filter((result) => !result.passed);
const passed = results.length - failures.length;
for (const { id, expected, got } of failures) {
  const line = `FAIL ${id}: expected ${expected}, got ${got}`;
  if (values.json) tell(line);
  else process.stdout.write(`${line}\n`);
}
if (values.json) process.stdout.write(`${JSON.stringify({ name: COMMAND, passed, failed: failures.length, failures })}\n`);
else process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
if (failures.length > 0) process.exitCode = 1;

/** The vectors of the file, one still unread value each; ends the process where the file holds no list of them. */
function readEntries(path: string): unknown[] {
  const full = resolve(path);
  if (!statSync(full, { throwIfNoEntry: false })?.isFile()) misuse(COMMAND, `there is no file ${path}`);
  const entries = parse(readText(full, path), path);
  if (!Array.isArray(entries) || entries.length === 0) misuse(COMMAND, `${path} holds no list of vectors`);
  return entries as unknown[];
}

function readText(full: string, path: string): string {
  try {
    return readFileSync(full, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return misuse(COMMAND, `${path} cannot be read`);
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return misuse(COMMAND, `${path} is not JSON`);
  }
}
