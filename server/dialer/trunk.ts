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
/** A carrier that is still full says so sooner than this, before the next call is sent. */
const RECOVERY_SPACING_MS = 200;
/** Sends that fell behind their even spacing by more than this are not made up for: that would be a burst. */
const MADE_UP_MS = 200;

/** What limits a trunk: channels at once, calls a second, whether it is armed. */
export interface TrunkLimits {
  name: string;
  kind: 'demo' | 'real';
  armed: boolean;
  channelLimit: number;
  callsPerSecond: number;
}

/**
 * Meters one trunk: calls spaced evenly, a count of channels, a breaker that opens for ten seconds after five refusals in a row, since a
 * carrier that refuses everything must not use up the debtors' tries, and a growing rest after each word of a carrier that it has no
 * line free. In no second are more calls sent than the trunk allows; what a tick could not use may be made up for in the next one only.
 */
export interface TrunkGate {
  limits: TrunkLimits;
  /** Lines that nobody uses and nobody is about to use. */
  linesFree(): number;
  /** Lines with a call on them, or held for one that is about to be sent. */
  inUse(): number;
  /** How many more calls may be sent from now until `withinMs` later. */
  credit(withinMs: number): number;
  /** Keeps this many lines for calls that are about to be sent; a negative count gives them back. */
  hold(count: number): void;
  /** How long until the next call may be sent, in ms. */
  dueInMs(): number;
  /** Takes a line for a call that is sent now. */
  take(): void;
  /** Takes a line for a call that was sent before this gate was made: it is no sending of now. */
  takeUp(): void;
  /** A call on this trunk has ended: `refused` by the trunk itself, `full` for want of a free line, `unsent` when it was never tried. */
  give(outcome: 'used' | 'refused' | 'full' | 'unsent'): void;
  /** The far end has taken a call on: it rings. After a rest, this is the word that there are lines again. */
  served(): void;
  /** The carrier was full and has not taken a call on since its rest: it is asked with one call at a time. */
  recovering(): boolean;
  breakerOpen(): boolean;
  /** How much longer the carrier is left in peace, in ms; 0 when it may be called. */
  restMs(): number;
}

export function createTrunkGate(first: TrunkLimits, clock: Clock): TrunkGate {
  let inUse = 0;
  let held = 0;
  /** When the next call is due if all are evenly spaced. */
  let nextAtMs = clock.monotonicMs();
  /** When the calls of the last second were sent, as many as a second allows. */
  const sentAtMs: number[] = [];
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

  const spacingMs = (): number => 1_000 / gate.limits.callsPerSecond;

  const gate: TrunkGate = {
    limits: first,
    inUse: () => inUse + held,
    linesFree: () => Math.max(0, gate.limits.channelLimit - inUse - held),
    credit(withinMs) {
      const nowMs = clock.monotonicMs();
      const first = Math.max(nextAtMs, nowMs - MADE_UP_MS);
      const most = Math.ceil((nowMs + withinMs - first) / spacingMs());
      return Math.max(0, (gate.recovering() ? Math.min(1, most) : most) - held);
    },
    hold(count) {
      held = Math.max(0, held + count);
    },
    dueInMs() {
      const { callsPerSecond } = gate.limits;
      const most = Math.max(1, Math.floor(callsPerSecond));
      const full = sentAtMs.length >= most ? (sentAtMs.at(-most) ?? -Infinity) + (1_000 * most) / callsPerSecond : -Infinity;
      return Math.max(0, nextAtMs - clock.monotonicMs(), full - clock.monotonicMs());
    },
    take() {
      const nowMs = clock.monotonicMs();
      inUse += 1;
      nextAtMs = gate.recovering()
        ? nowMs + Math.max(RECOVERY_SPACING_MS, spacingMs())
        : Math.max(nextAtMs, nowMs - MADE_UP_MS) + spacingMs();
      sentAtMs.push(nowMs);
      if (sentAtMs.length > Math.max(1, gate.limits.callsPerSecond)) sentAtMs.shift();
    },
    takeUp() {
      inUse += 1;
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
    breakerOpen: () => clock.monotonicMs() < openUntilMs,
    restMs: () => Math.max(0, restUntilMs - clock.monotonicMs()),
  };
  return gate;
}
