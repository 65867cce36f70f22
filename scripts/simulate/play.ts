/** Plays simulated days, on this thread or spread over several. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { policyNamed, runFloor, type Fault, type RunFigures, type Scenario } from '../../server/pacing/simulator/index.ts';

/** One day to be played; plain data, so that another thread can play it. */
export interface Day {
  name: string;
  floor: Scenario;
  policy: string;
  seed: number;
  cap: number;
  fault: Fault | null;
  leadProbabilities: boolean;
}

/** Plays one day on this thread. */
export function playDay(day: Day): RunFigures {
  return runFloor(day.floor, policyNamed(day.policy, day.floor, { cap: day.cap, seed: day.seed }), {
    seed: day.seed,
    leadProbabilities: day.leadProbabilities,
    stopwatch: () => performance.now(),
    ...(day.fault === null ? {} : { fault: day.fault }),
  });
}

/** Plays all days on as many threads as there are processors; figures come in the order of the days. */
export async function playDays(days: readonly Day[], told: (done: number) => void): Promise<RunFigures[]> {
  const figures: RunFigures[] = [];
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL('worker.ts', import.meta.url));
    try {
      for (let at = next++; at < days.length; at = next++) {
        const day = days[at];
        if (day === undefined) return;
        figures[at] = await ask(worker, day);
        done += 1;
        told(done);
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), days.length) }, work));
  return figures;
}

function ask(worker: Worker, day: Day): Promise<RunFigures> {
  return new Promise((resolve, reject) => {
    const fail = (fault: Error): void => {
      worker.off('message', settle);
      reject(fault);
    };
    const settle = (figures: RunFigures): void => {
      worker.off('error', fail);
      resolve(figures);
    };
    worker.once('message', settle);
    worker.once('error', fail);
    worker.postMessage(day);
  });
}
