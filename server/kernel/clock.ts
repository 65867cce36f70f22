/** The two clocks a decision may need, injected wherever time matters so that tests own it (invariant I10). */
export interface Clock {
  /** Wall-clock time, for calendars and stored moments. */
  now(): Temporal.Instant;
  /** Monotonic milliseconds with a fraction, for durations; its zero means nothing. */
  monotonicMs(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Temporal.Now.instant(),
  monotonicMs: () => performance.now(),
};
