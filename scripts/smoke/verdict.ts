import type { Talk } from '../robots/notes.ts';
import type { RecordedCalls } from './record.ts';

/** An attempt as the database has it. */
export interface StoredAttempt {
  id: string;
  number: string;
  state: string;
  result: string | null;
  /** Was its originate committed, and not given up before it was sent? */
  sent: boolean;
  /** Given up before it was sent: the switch must not know it. */
  givenUp: boolean;
}

/** An outcome as the database has it. */
export interface StoredOutcome {
  attemptId: string;
  code: string;
  robot: string | null;
}

/** What three witnesses say of the same calls. Each list names attempts (or numbers' last digits), for whoever looks into it. */
export interface Verdict {
  ended: number;
  connected: number;
  givenUp: number;
  /** A leg begun twice, a number reached twice, or an attempt that spoke with two robots. */
  duplicates: string[];
  /** Not ended in the database, not ended at the switch, or known to one of both only. */
  withoutEnd: string[];
  /** Acknowledged to a robot and not stored so, or bridged and without any outcome. */
  outcomesLost: string[];
  /** Bridged at the switch and not `connected` in the database, or the other way round. */
  disagreements: string[];
}

/** Holds the switch's record and the robots' notes against the database. Nothing of the database is believed by itself. */
export function judge(
  calls: RecordedCalls,
  talks: readonly Talk[],
  attempts: readonly StoredAttempt[],
  outcomes: readonly StoredOutcome[],
): Verdict {
  const stored = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const saved = new Map(outcomes.map((outcome) => [outcome.attemptId, outcome]));
  const legs = [...calls.legs.values()];
  const bridged = new Set(legs.filter((leg) => leg.bridgedMs !== null).map((leg) => leg.legId));

  const speakers = new Map<string, Set<string>>();
  for (const talk of talks) speakers.set(talk.attemptId, (speakers.get(talk.attemptId) ?? new Set()).add(talk.robot));

  return {
    ended: attempts.filter((attempt) => attempt.sent && attempt.state === 'ended').length,
    givenUp: attempts.filter((attempt) => attempt.givenUp).length,
    connected: bridged.size,
    duplicates: [
      ...legs.filter((leg) => leg.begun > 1).map((leg) => leg.legId),
      ...[...calls.timesCalled].filter(([, times]) => times > 1).map(([number]) => `…${number.slice(-4)}`),
      ...[...speakers].filter(([, robots]) => robots.size > 1).map(([attemptId]) => attemptId),
    ],
    withoutEnd: unique([
      ...attempts.filter((attempt) => attempt.state !== 'ended').map((attempt) => attempt.id),
      ...legs.filter((leg) => !leg.ended || !stored.has(leg.legId)).map((leg) => leg.legId),
      ...talks.filter((talk) => stored.get(talk.attemptId)?.state !== 'ended').map((talk) => talk.attemptId),
      ...attempts.filter((attempt) => attempt.sent !== calls.legs.has(attempt.id)).map((attempt) => attempt.id),
    ]),
    outcomesLost: unique([
      ...talks
        .filter((talk) => {
          const found = saved.get(talk.attemptId);
          return talk.saved !== null && (found?.code !== talk.saved.code || found.robot !== talk.robot);
        })
        .map((talk) => talk.attemptId),
      ...[...bridged].filter((attemptId) => !saved.has(attemptId)),
    ]),
    disagreements: unique([
      ...attempts.filter((attempt) => (attempt.result === 'connected') !== bridged.has(attempt.id)).map((attempt) => attempt.id),
      ...[...bridged].filter((attemptId) => !speakers.has(attemptId)),
    ]),
  };
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
