/** A thread that plays the days of one trial: the worker's other jobs must not wait for it. */
import { parentPort, workerData } from 'node:worker_threads';
import { createPacer, type PacingConfig } from '../pacing/index.ts';
import { runFloor, type RunFigures, type Scenario } from '../pacing/simulator/index.ts';

/** One day on one floor under one configuration. */
export interface TrialDay {
  floor: Scenario;
  config: PacingConfig;
  seed: number;
}

/** What the thread says: how much of its days is played, and at last what they came to, in their order. */
export type TrialNews = { played: number } | { runs: RunFigures[] };

/** Simulated time between two words of how far it is. */
const TOLD_EVERY_TICKS = 4_800;

const days = workerData as readonly TrialDay[];
const say = (news: TrialNews): void => parentPort?.postMessage(news);
const whole = days.reduce((sum, { floor }) => sum + floor.hours, 0);
let before = 0;
const runs = days.map(({ floor, config, seed }) => {
  let ticks = 0;
  const figures = runFloor(floor, () => createPacer(config, { seed }), {
    seed,
    watch(seen) {
      if (!('now' in seen)) return;
      ticks += 1;
      if (ticks % TOLD_EVERY_TICKS === 0) say({ played: (before + seen.now / 3_600_000) / whole });
    },
  });
  before += floor.hours;
  return figures;
});
say({ runs });
