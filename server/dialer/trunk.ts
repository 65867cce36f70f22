import type { Clock } from '../kernel/clock.ts';

const BREAKER_FAILURES = 5;
const BREAKER_OPEN_MS = 10_000;

/** What limits a trunk: channels at once, calls a second, whether it is armed. */
export interface TrunkLimits {
  name: string;
  kind: 'demo' | 'real';
  armed: boolean;
  channelLimit: number;
  callsPerSecond: number;
}

/**
 * Meters one trunk: a token bucket of at most one second's calls, a count of channels, and a breaker that opens for ten seconds
 * after five refusals in a row, since a carrier that refuses everything must not use up the debtors' tries.
 */
export interface TrunkGate {
  limits: TrunkLimits;
  linesFree(): number;
  credit(): number;
  /** Takes a line and a token. */
  take(): void;
  /** A call on this trunk has ended; `refused` when the trunk itself refused it, `unsent` when it was never tried. */
  give(outcome: 'used' | 'refused' | 'unsent'): void;
  /** How long to wait between two calls of a burst. */
  spacingMs(): number;
  breakerOpen(): boolean;
}

export function createTrunkGate(first: TrunkLimits, clock: Clock): TrunkGate {
  let inUse = 0;
  let tokens = 1;
  let filledAtMs = clock.monotonicMs();
  let refusals = 0;
  let openUntilMs = 0;

  const gate: TrunkGate = {
    limits: first,
    linesFree: () => Math.max(0, gate.limits.channelLimit - inUse),
    credit() {
      const nowMs = clock.monotonicMs();
      const most = Math.max(1, gate.limits.callsPerSecond);
      tokens = Math.min(most, tokens + ((nowMs - filledAtMs) / 1_000) * gate.limits.callsPerSecond);
      filledAtMs = nowMs;
      return Math.floor(tokens);
    },
    take() {
      inUse += 1;
      tokens -= 1;
    },
    give(outcome) {
      inUse = Math.max(0, inUse - 1);
      if (outcome === 'unsent') return;
      if (outcome === 'used') {
        refusals = 0;
        return;
      }
      refusals += 1;
      if (refusals >= BREAKER_FAILURES) openUntilMs = clock.monotonicMs() + BREAKER_OPEN_MS;
    },
    spacingMs: () => 1_000 / gate.limits.callsPerSecond,
    breakerOpen: () => clock.monotonicMs() < openUntilMs,
  };
  return gate;
}
