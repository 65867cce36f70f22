import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/vectors.ts');
const KNOWN = join(import.meta.dirname, '../data/vectors.json');
const folder = mkdtempSync(join(tmpdir(), 'wusul-vectors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]): { code: number | null; lines: string[]; fault: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  return { code: status, lines: stdout.trim().split('\n'), fault: stderr };
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const riyadh = { pack: 'SA', tz: ['Asia/Riyadh'], events: [], try: '2026-04-19T11:00' };

describe('vectors of a file', () => {
  test('all pass that ship', () => {
    expect(run(KNOWN)).toEqual({ code: 0, lines: ['11 passed, 0 failed'], fault: '' });
  });

  test('that fail are named before the count', () => {
    const path = file('one-wrong.json', [
      { id: 'right', note: 'a working day', ...riyadh, expect: 'allow' },
      { id: 'wrong', ...riyadh, expect: 'deny:hours' },
    ]);
    expect(run(path)).toMatchObject({
      code: 1,
      lines: ['FAIL wrong: expected deny:hours, got allow', '1 passed, 1 failed'],
    });
    const { code, lines } = run(path, '--json');
    expect([code, lines.length, JSON.parse(lines[0] ?? '')]).toMatchObject([
      1,
      1,
      { name: 'vectors', passed: 1, failed: 1, failures: [{ id: 'wrong' }] },
    ]);
  });

  test('that nobody can judge have failed and say why', () => {
    const path = file('odd.json', [
      { id: 'zone', ...riyadh, tz: ['Asia/Atlantis'], expect: 'allow' },
      { id: 'when', ...riyadh, try: '2026-02-30T11:00', expect: 'allow' },
      { id: 'pack', ...riyadh, pack: 'ATLANTIS', expect: 'deny:unknown_pack' },
      7,
    ]);
    const { code, lines } = run(path);
    expect(code).toBe(1);
    expect(lines).toEqual([
      'FAIL zone: expected allow, got unreadable (tz.0: is no time zone)',
      'FAIL when: expected allow, got unreadable (try: is no local date and time)',
      expect.stringContaining('FAIL #4: expected a verdict, got unreadable'),
      '1 passed, 3 failed',
    ]);
  });
});

test('what is wrong with the call is said in one line, with exit code 2', () => {
  for (const [args, fault] of [
    [[], 'name a file'],
    [[KNOWN, KNOWN], 'one file at a time'],
    [[KNOWN, '--loud'], "'--loud'"],
    [[join(folder, 'nowhere.json')], 'there is no file'],
    [[folder], 'there is no file'],
    [[file('text.json', 'hours, caps')], 'is not JSON'],
    [[file('object.json', {})], 'holds no list of vectors'],
  ] as const) {
    const ended = run(...args);
    expect([ended.code, ended.lines]).toEqual([2, ['']]);
    expect(ended.fault).toContain(fault);
    expect(ended.fault.trim().split('\n')).toHaveLength(1);
  }
});
