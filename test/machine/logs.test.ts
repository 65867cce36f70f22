import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setLogAside, shortenLogs } from '../../server/machine/logs.ts';
import { endProcess, startProcess } from '../../server/machine/process.ts';
import { eventually } from '../support/conditions.ts';

const NOW_MS = Date.parse('2026-11-22T12:00:00Z');
const LIMITS = { limitBytes: 100, keep: 3, keepDays: 30, nowMs: NOW_MS };
/** Writes a numbered line now and then, as a server does, to the file it was given as its output. */
const WRITER = `let n = 0; setInterval(() => { for (let i = 0; i < 20; i += 1) process.stdout.write(String(n++) + '\\n'); }, 1);`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wusul-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function text(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

describe('logs that grow', () => {
  it('are set aside at their limit, the older ones moved on and the oldest dropped', async () => {
    for (const round of ['first', 'second', 'third', 'fourth']) {
      writeFileSync(join(folder, 'dialer.log'), `${round}\n`.padEnd(120, '.'));
      await shortenLogs(folder, LIMITS);
    }
    expect(readdirSync(folder)).toEqual(['dialer.log', 'dialer.log.1', 'dialer.log.2', 'dialer.log.3']);
    expect(text('dialer.log')).toBe('');
    expect(['1', '2', '3'].map((number) => text(`dialer.log.${number}`).split('\n')[0])).toEqual(['fourth', 'third', 'second']);
  });

  it('stay as they are below it, and what was set aside long ago is deleted', async () => {
    writeFileSync(join(folder, 'web.log'), 'short\n');
    writeFileSync(join(folder, 'web.log.1'), 'of yesterday\n');
    writeFileSync(join(folder, 'web.log.2'), 'of last month\n');
    writeFileSync(join(folder, 'notes.txt'), 'no log'.repeat(100));
    utimesSync(join(folder, 'web.log.1'), NOW_MS / 1_000, NOW_MS / 1_000 - 86_400);
    utimesSync(join(folder, 'web.log.2'), NOW_MS / 1_000, NOW_MS / 1_000 - 31 * 86_400);
    await shortenLogs(folder, LIMITS);
    expect(readdirSync(folder)).toEqual(['notes.txt', 'web.log', 'web.log.1']);
    expect(text('web.log')).toBe('short\n');
  });

  it('need no folder yet', async () => {
    await shortenLogs(join(folder, 'none'), LIMITS);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are taken up again where a supervisor died before it had cut them', async () => {
    const file = join(folder, 'redis.log');
    writeFileSync(file, 'one\ntwo\n');
    writeFileSync(`${file}.new`, 'one\n');
    await setLogAside(file, 3);
    expect(readdirSync(folder)).toEqual(['redis.log', 'redis.log.1']);
    expect(text('redis.log.1')).toBe('one\ntwo\n');
  });

  it('go on being written by a process that holds them open', async () => {
    mkdirSync(folder, { recursive: true });
    const logFile = join(folder, 'writer.log');
    appendFileSync(logFile, '');
    const writer = await startProcess({
      name: 'writer',
      file: process.execPath,
      args: ['-e', WRITER],
      logFile,
      diesWithUs: true,
    });
    for (let round = 0; round < 3; round += 1) {
      await eventually('lines are written', () => text('writer.log').length > 1_000, 30_000);
      await setLogAside(logFile, 9);
    }
    await eventually('lines are written', () => text('writer.log').length > 1_000, 30_000);
    await endProcess(writer.identity, 'SIGTERM', 5_000);
    const numbers = ['.3', '.2', '.1', ''].flatMap((end) => text(`writer.log${end}`).trimEnd().split('\n')).map(Number);
    // A line that fell between the last look and the cut may be missing; none stands twice or out of order, and no hole of zeros.
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
    expect(numbers.length).toBeGreaterThan((numbers.at(-1) ?? 0) * 0.95);
    expect(text('writer.log')).not.toContain('\0');
  });
});
