import type { Clock } from '../kernel/clock.ts';

const BREAKER_FAILURES = 5;
const BREAKER_OPEN_MS = 10_000;
/**
 * How long a carrier without a free line (503, cause 34 and its like) is left in peace: the first time, and at most. Its `Retry-After`
 * would say it better, but the switch tells us cause and status of a leg's end and no header of the response; so the rest grows as
 * long as the carrier says the same again.
 */
const FIRST_REST_MS = 2_000;
const LONGEST_REST_MS = 60_000;

/** What limits a trunk: channels at once, calls a second, whether it is armed. */
export interface TrunkLimits {
  name: string;
  kind: 'demo' | 'real';
  armed: boolean;
  channelLimit: number;
  callsPerSecond: number;
}

/**
 * Meters one trunk: a token bucket of at most one second's calls, a count of channels, a breaker that opens for ten seconds
 * after five refusals in a row, since a carrier that refuses everything must not use up the debtors' tries, and a growing rest after
 * each word of a carrier that it has no line free.
 */
export interface TrunkGate {
  limits: TrunkLimits;
  linesFree(): number;
  credit(): number;
  /** Takes a line and a token. */
  take(): void;
  /** A call on this trunk has ended: `refused` by the trunk itself, `full` for want of a free line, `unsent` when it was never tried. */
  give(outcome: 'used' | 'refused' | 'full' | 'unsent'): void;
  /** The far end has taken a call on: it rings. After a rest, this is the word that there are lines again. */
  served(): void;
  /** The carrier was full and has not taken a call on since its rest: it is asked with one call at a time. */
  recovering(): boolean;
  /** How long to wait between two calls of a burst. */
  spacingMs(): number;
  breakerOpen(): boolean;
  /** How much longer the carrier is left in peace, in ms; 0 when it may be called. */
  restMs(): number;
}

export function createTrunkGate(first: TrunkLimits, clock: Clock): TrunkGate {
  let inUse = 0;
  let tokens = 1;
  let filledAtMs = clock.monotonicMs();
  let refusals = 0;
  let openUntilMs = 0;
  let rests = 0;
  let restUntilMs = 0;

  /** What was under way when the rest began ends in it, and says nothing of what comes after. */
  function heardOf(outcome: 'used' | 'full'): void {
    const nowMs = clock.monotonicMs();
    if (nowMs < restUntilMs) return;
    if (outcome === 'used') {
      rests = 0;
      return;
    }
    restUntilMs = nowMs + Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** rests);
    rests += 1;
  }

  const gate: TrunkGate = {
    limits: first,
    linesFree: () => Math.max(0, gate.limits.channelLimit - inUse),
    credit() {
      const nowMs = clock.monotonicMs();
      const most = Math.max(1, gate.limits.callsPerSecond);
      tokens = Math.min(most, tokens + ((nowMs - filledAtMs) / 1_000) * gate.limits.callsPerSecond);
      filledAtMs = nowMs;
      return Math.min(Math.floor(tokens), gate.recovering() ? 1 : Infinity);
    },
    take() {
      inUse += 1;
      tokens -= 1;
    },
    give(outcome) {
      inUse = Math.max(0, inUse - 1);
      if (outcome === 'unsent') return;
      if (outcome === 'used' || outcome === 'full') heardOf(outcome);
      if (outcome === 'full') return;
      if (outcome === 'used') {
        refusals = 0;
        return;
      }
      refusals += 1;
      if (refusals >= BREAKER_FAILURES) openUntilMs = clock.monotonicMs() + BREAKER_OPEN_MS;
    },
    served() {
      if (rests > 0) heardOf('used');
    },
    recovering: () => rests > 0,
    spacingMs: () => 1_000 / gate.limits.callsPerSecond,
    breakerOpen: () => clock.monotonicMs() < openUntilMs,
    restMs: () => Math.max(0, restUntilMs - clock.monotonicMs()),
  };
  return gate;
}
