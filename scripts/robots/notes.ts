import type { OutcomeCode } from '../../server/contract/outcomes.ts';

/** One call as the robot that took it remembers it, whatever the database says. */
export interface Talk {
  attemptId: string;
  robot: string;
  /** Wall clock, ISO. */
  beganAt: string;
  endedAt: string | null;
  /** From the desk's word that the call is here to the debtor's tone in the robot's ear; null when it was never heard. */
  heardAfterMs: number | null;
  /** The outcome the server acknowledged as saved. */
  saved: { code: OutcomeCode; at: string } | null;
  /** Outcomes that were sent and refused, or never answered. */
  unsaved: number;
}

/** What robots wrote down: the other side of the ledger. */
export interface Notes {
  began(robot: string, attemptId: string, at: Temporal.Instant): void;
  heard(attemptId: string, afterMs: number): void;
  ended(attemptId: string, at: Temporal.Instant): void;
  saved(attemptId: string, code: OutcomeCode, at: Temporal.Instant): void;
  unsaved(attemptId: string): void;
  /** A command of a robot was refused, by its code. */
  refused(code: string): void;
  talks(): Talk[];
  refusals(): Record<string, number>;
}

/** Notes for any number of robots. One attempt that reaches two robots is two talks. */
export function openNotes(): Notes {
  const talks: Talk[] = [];
  const refusals: Record<string, number> = {};
  const latest = (attemptId: string): Talk | undefined => talks.findLast((talk) => talk.attemptId === attemptId);
  return {
    began(robot, attemptId, at) {
      if (latest(attemptId)?.robot === robot) return;
      talks.push({ attemptId, robot, beganAt: at.toString(), endedAt: null, heardAfterMs: null, saved: null, unsaved: 0 });
    },
    heard(attemptId, afterMs) {
      const talk = latest(attemptId);
      if (talk !== undefined) talk.heardAfterMs ??= Math.round(afterMs);
    },
    ended(attemptId, at) {
      const talk = latest(attemptId);
      if (talk !== undefined) talk.endedAt ??= at.toString();
    },
    saved(attemptId, code, at) {
      const talk = latest(attemptId);
      if (talk !== undefined) talk.saved = { code, at: at.toString() };
    },
    unsaved(attemptId) {
      const talk = latest(attemptId);
      if (talk !== undefined) talk.unsaved++;
    },
    refused(code) {
      refusals[code] = (refusals[code] ?? 0) + 1;
    },
    talks: () => talks.map((talk) => ({ ...talk })),
    refusals: () => ({ ...refusals }),
  };
}
