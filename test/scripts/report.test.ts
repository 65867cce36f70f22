import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { atLeast, atMost, percentile } from '../../scripts/report.ts';

function run(code: string): { stdout: string; stderr: string; status: number | null } {
  const path = new URL('../../scripts/report.ts', import.meta.url).href;
  const program = `import * as report from ${JSON.stringify(path)};\n${code}`;
  const ended = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  return { stdout: ended.stdout, stderr: ended.stderr, status: ended.status };
}

describe('checks', () => {
  test('a value on its limit passes, both ways', () => {
    expect(atMost('a', 60, 60).ok).toBe(true);
    expect(atLeast('b', 60, 60).ok).toBe(true);
    expect(atMost('a', 60.1, 60).ok).toBe(false);
    expect(atLeast('b', 59.9, 60).ok).toBe(false);
  });

  test('nothing measured never passes', () => {
    expect(atMost('a', null, 60)).toEqual({ name: 'a', value: null, limit: 60, ok: false });
    expect(atLeast('b', Number.NaN, 0)).toEqual({ name: 'b', value: null, limit: 0, ok: false });
  });

  test('a percentile is a sample that was seen', () => {
    const samples = [5, 1, 4, 2, 3];
    expect(percentile(samples, 0.5)).toBe(3);
    expect(percentile(samples, 0.99)).toBe(5);
    expect(percentile(samples, 0)).toBe(1);
    expect(percentile([], 0.5)).toBeNull();
  });
});

describe('a command that measures', () => {
  test('prints one JSON object as the last line, everything else on standard error, and exits 1 when a check fails', () => {
    const ended = run(`
      report.tell('measuring');
      report.report('bench queue', [report.atMost('reserve20_p99_ms_1m', 11, 10)], { rows: 3 }, { json: true });
    `);
    expect(ended.stderr).toContain('measuring');
    expect(JSON.parse(ended.stdout)).toMatchObject({
      name: 'bench queue',
      checks: [{ name: 'reserve20_p99_ms_1m', value: 11, limit: 10, ok: false }],
      figures: { rows: 3 },
    });
    expect(ended.stdout.trim().split('\n')).toHaveLength(1);
    expect(ended.status).toBe(1);
  });

  test('exits 0 when all is well', () => {
    const ended = run(`report.report('smoke', [report.atMost('duplicates', 0, 0)], {}, { json: false });`);
    expect(ended.status).toBe(0);
    expect(ended.stdout).toMatch(/ok {4}duplicates {2} +0 {2}limit 0/);
  });

  test('answers an unknown option and a bad number with one line and exit 2', () => {
    const unknown = run(`report.readOptions('smoke', ['--colour'], { json: { type: 'boolean' } });`);
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toMatch(/^smoke: Unknown option '--colour'\n$/);
    const bad = run(`report.wholeNumber('smoke', 'attempts', '-3', { otherwise: 60, least: 1, most: 100 });`);
    expect(bad.status).toBe(2);
    expect(bad.stderr).toBe("smoke: --attempts takes a whole number from 1 to 100, not '-3'\n");
  });
});
