import { execFileSync } from 'node:child_process';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

/** One figure that a command promises to keep within a limit. `value` is null when there was nothing to measure: that never passes. */
export interface Check {
  name: string;
  value: number | null;
  limit: number;
  ok: boolean;
}

/** What a measuring or verifying command prints under `--json`, as one line. */
export interface Report {
  name: string;
  commit: string | null;
  checks: Check[];
  figures: Record<string, unknown>;
}

/** A check that passes when the value does not exceed the limit. */
export function atMost(name: string, value: number | null, limit: number): Check {
  const known = finite(value);
  return { name, value: known, limit, ok: known !== null && known <= limit };
}

/** A check that passes when the value reaches the limit. */
export function atLeast(name: string, value: number | null, limit: number): Check {
  const known = finite(value);
  return { name, value: known, limit, ok: known !== null && known >= limit };
}

/**
 * Prints what a command found: a short table for people, or one JSON object as the last line of standard output.
 * Sets the exit code to 1 when a check is not ok, and leaves the process to end by itself.
 */
export function report(
  name: string,
  checks: readonly Check[],
  figures: Record<string, unknown>,
  options: { json: boolean },
): Report {
  const found: Report = { name, commit: commit(), checks: [...checks], figures };
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : table(found));
  if (checks.some((check) => !check.ok)) process.exitCode = 1;
  return found;
}

/** Says on standard error how a command goes on; standard output is kept for its result. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Ends the process with one line on standard error and exit code 2: the command was called in a way it does not know. */
export function misuse(command: string, fault: string): never {
  process.stderr.write(`${command}: ${fault}\n`);
  process.exit(2);
}

type Options<T extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: true }>
>;

/** Reads a command's options; an unknown one, or a missing value, ends the process through `misuse`. */
export function readOptions<T extends ParseArgsOptionsConfig>(command: string, argv: readonly string[], options: T): Options<T> {
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: true });
  } catch (fault) {
    const text = fault instanceof Error ? fault.message : String(fault);
    return misuse(command, text.split('. ')[0] ?? text);
  }
}

/** An option's text as a whole number within [least, most]; anything else ends the process through `misuse`. */
export function wholeNumber(
  command: string,
  option: string,
  text: string | undefined,
  range: { otherwise: number; least: number; most: number },
): number {
  if (text === undefined) return range.otherwise;
  const value = /^[0-9]{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.least && value <= range.most) return value;
  return misuse(command, `--${option} takes a whole number from ${range.least} to ${range.most}, not '${text}'`);
}

/** The smallest sample that at least `share` (0–1) of all samples do not exceed (nearest rank), or null of none. */
export function percentile(samples: readonly number[], share: number): number | null {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? Math.round(value * 1_000) / 1_000 : null;
}

function commit(): string | null {
  try {
    const head = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return head.toString().trim();
  } catch {
    return null;
  }
}

function table(found: Report): string {
  const width = Math.max(5, ...found.checks.map((check) => check.name.length));
  const rows = found.checks.map(
    (check) =>
      `  ${check.ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(width)}  ${String(check.value ?? '—').padStart(10)}  limit ${check.limit}`,
  );
  const figures = Object.entries(found.figures).map(([name, value]) => `        ${name.padEnd(width)}  ${figure(value)}`);
  return [`${found.name}${found.commit === null ? '' : ` (${found.commit})`}`, ...rows, ...figures, ''].join('\n');
}

function figure(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).padStart(10) : JSON.stringify(value);
}
