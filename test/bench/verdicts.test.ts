import { expect, test } from 'vitest';
import { measureVerdicts } from '../../scripts/bench/queue/verdicts.ts';

test('the gate is measured on questions most of which it refuses with a time to ask again', () => {
  const figures = measureVerdicts({ verdicts: 2_000, seed: 1 });
  expect(figures.verdicts).toBe(2_000);
  expect(figures.deniedShare).toBeGreaterThan(0.5);
  expect(figures.deniedShare).toBeLessThan(1);
  expect(figures.retryShare).toBeGreaterThan(0.95);
  expect(figures.verdictsPerSecond).toBeGreaterThan(1_000);
});
