import { describe, expect, test } from 'vitest';
import { emptyBudget, pay, setPrice, spend, targetOf } from '../../server/pacing/budget.ts';
import type { PacingConfig } from '../../server/pacing/index.ts';

const HOUR = 3_600_000;
const config: PacingConfig = {
  mode: 'predictive',
  cap: 0.03,
  window: { kind: 'day' },
  clockStart: 'greeting_end',
  connectWithinMs: 2_000,
  minRingMs: 15_000,
  countAmdFalsePositives: true,
  maxLinesPerAgent: 8,
  minAgentsForPredictive: 5,
  agentHoldback: 0,
  closesAt: 8 * HOUR,
};

/** The budget at an hour, after so many answers of which so many were abandoned, evenly over the time. */
function budgetAt(hour: number, answered: number, abandoned: number, change: Partial<PacingConfig> = {}) {
  const settings = { ...config, ...change };
  const budget = emptyBudget(settings);
  const steps = 200;
  let [told, lost] = [0, 0];
  for (let step = 1; step <= steps; step += 1) {
    while (told < (answered * step) / steps) {
      told += 1;
      const isLost = Math.floor((told * abandoned) / answered) > lost;
      if (isLost) lost += 1;
      spend(budget, isLost);
    }
    const now = 1 + (hour * HOUR * step) / steps;
    setPrice(budget, settings, { now, ledger: { answered: told, abandoned: lost }, agents: 50, machineOdds: 0.1 });
  }
  return budget;
}

describe('the target', () => {
  test('is the one given, else below the cap, the more so the fewer calls a day has', () => {
    expect(targetOf({ ...config, target: 0.02 }, 1_000, 0.1)).toBe(0.02);
    const [few, many] = [targetOf(config, 500, 0.1), targetOf(config, 20_000, 0.1)];
    expect(few).toBeLessThan(many);
    expect(many).toBeLessThan(0.03);
    expect(targetOf(config, 500, 0.5)).toBeLessThan(few);
  });
});

describe('the price', () => {
  test('falls where more was abandoned than aimed at, and rises where less was', () => {
    const [less, even, more] = [budgetAt(4, 4_000, 40), budgetAt(4, 4_000, 115), budgetAt(4, 4_000, 160)];
    expect(less.price).toBeGreaterThan(even.price);
    expect(even.price).toBeGreaterThan(more.price);
  });

  test('is small at the start of an unknown floor', () => {
    expect(budgetAt(0.02, 10, 0).price).toBeLessThan(budgetAt(2, 1_000, 28).price);
  });

  test('is nothing where nobody may be abandoned', () => {
    expect(budgetAt(2, 1_000, 10, { cap: 0 })).toMatchObject({ price: 0, guard: true });
  });
});

describe('a price at which nothing can be dialed, for want of lines', () => {
  /** The budget after an hour in which nobody was abandoned; each dial cost that much. */
  const priceAfter = (cost: number): number => {
    const budget = emptyBudget(config);
    for (let second = 1; second <= 3_600; second += 1) {
      pay(budget, second * 1_000, cost);
      spend(budget, false);
      const ledger = { answered: second, abandoned: 0 };
      setPrice(budget, config, { now: second * 1_000, ledger, agents: 50, machineOdds: 0.1 });
    }
    return budget.price;
  };

  test('does not rise because nobody is abandoned', () => {
    expect(priceAfter(0.001)).toBeLessThan(2 * emptyBudget(config).price);
    expect(priceAfter(Infinity)).toBeGreaterThan(3 * emptyBudget(config).price);
  });
});

describe('the guard', () => {
  test('stands when the rest of the day can no longer make good, and not before', () => {
    expect(budgetAt(4, 4_000, 150).guard).toBe(false);
    expect(budgetAt(7.9, 7_900, 250).guard).toBe(true);
    expect(budgetAt(7.9, 7_900, 215).guard).toBe(false);
  });

  test('of a window of an hour forgets what is long past', () => {
    const rolling = { window: { kind: 'rolling', hours: 1 } } as const;
    const budget = budgetAt(4, 4_000, 200, rolling);
    expect(budget.guard).toBe(true);
    for (let minute = 1; minute <= 240; minute += 1) {
      setPrice(
        budget,
        { ...config, ...rolling },
        {
          now: 4 * HOUR + minute * 60_000,
          ledger: { answered: 4_000, abandoned: 200 },
          agents: 50,
          machineOdds: 0.1,
        },
      );
    }
    expect(budget.guard).toBe(false);
  });
});
