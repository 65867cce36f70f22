import type { Exit, RunningProcess } from './process.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 10_000;
/** A process that lived this long was well: the next fault begins with the shortest delay again. */
const WELL_AFTER_MS = 30_000;

/** A process that is started anew whenever it ends, until `release`. */
export interface Kept {
  name: string;
  /** The process as it runs now; null between two runs. */
  running(): RunningProcess | null;
  /** Leaves the process to itself: it is not started again. A start under way is broken off; resolves when it has been. */
  release(): Promise<void>;
}

export interface KeepOptions {
  name: string;
  first: RunningProcess;
  /** Starts it once more; when `signal` is aborted it ends what it started, and fails. */
  start: (signal: AbortSignal) => Promise<RunningProcess>;
  /** Told of each new run and, with null, of each end. */
  onChange: (running: RunningProcess | null) => void;
  onTrouble: (what: string) => void;
}

/** Keeps a process alive; delays double from a quarter of a second to ten seconds while it keeps dying. */
export function keepAlive(options: KeepOptions): Kept {
  let running: RunningProcess | null = options.first;
  const release = new AbortController();
  const { promise: whenReleased, resolve: wake } = Promise.withResolvers<null>();

  async function watch(): Promise<void> {
    let delayMs = FIRST_DELAY_MS;
    while (running !== null) {
      const began = performance.now();
      const exit = await Promise.race([running.exited, whenReleased]);
      if (exit === null || release.signal.aborted) return;
      running = null;
      options.onChange(null);
      if (performance.now() - began > WELL_AFTER_MS) delayMs = FIRST_DELAY_MS;
      options.onTrouble(`${options.name} ended (${describe(exit)}) and is started again`);
      while (running === null && !release.signal.aborted) {
        await Promise.race([pause(delayMs), whenReleased]);
        delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS);
        if (!release.signal.aborted) running = await tryToStart();
      }
      if (running !== null) options.onChange(running);
    }
  }

  async function tryToStart(): Promise<RunningProcess | null> {
    try {
      return await options.start(release.signal);
    } catch (error) {
      if (release.signal.aborted) return null;
      options.onTrouble(`${options.name} cannot be started: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  const watching = watch();
  return {
    name: options.name,
    running: () => running,
    async release() {
      release.abort();
      wake(null);
      await watching;
    },
  };
}

function pause(ms: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(null), ms).unref();
  });
}

function describe({ code, signal }: Exit): string {
  return signal === null ? `code ${code}` : signal;
}
