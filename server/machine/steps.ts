/** The progress of a start: one line per step, with its time in seconds. */
export interface Steps {
  /** Does `work` and prints its line when it has ended; what it throws is passed on. */
  run<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** Prints a line of its own. */
  say(line: string): void;
  /** Seconds since the first step. */
  seconds(): string;
}

/** Steps printed through `print`, a function that writes one line. */
export function createSteps(print: (line: string) => void): Steps {
  const start = performance.now();
  const since = (from: number): string => ((performance.now() - from) / 1_000).toFixed(1);
  return {
    async run(what, work) {
      const began = performance.now();
      const result = await work();
      print(`  ${what} (${since(began)} s)`);
      return result;
    },
    say: (line) => print(line),
    seconds: () => since(start),
  };
}
