import { recyclingAfter, type NextNumber, type Recycling } from '../contract/recycling.ts';

/** What the end of an attempt does to the debtor's place in the queue: pure, so that it can be read, shown and tested. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What was never sent is tried again at once, as far as the gate allows. */
const UNSENT_MS = MINUTE_MS;
/** How a call ends that was stopped before anybody answered, since a hold, a payment or the like came in. */
export const CALLED_OFF = 'called_off';

/** Until the agent says how the call went; the outcome replaces it. */
export const AWAITING_OUTCOME_MS = 24 * HOUR_MS;

/** An attempt that has ended, and what the campaign wishes. `tries` counts attempts that counted, this one included. */
export interface EndedAttempt {
  result: 'connected' | 'abandoned' | 'screened' | 'no_answer' | 'busy' | 'failed' | 'cancelled' | 'lost';
  /** The dialer's word for the ending, such as `dead_number`. */
  ending: string;
  counts: boolean;
  tries: number;
  recycling: Recycling;
  /** How many of the debtor's attempts ended with this result, this one included. */
  endedSo: number;
  /** Whoever was abandoned is left in peace for so long; 0 where an agent is held for each call. */
  redialBlockMs: number;
  /** Active numbers of the debtor besides the one just tried. */
  otherNumbers: number;
  /** Why the call was called off; null where it was not. */
  calledOff: string | null;
}

/** Where the debtor stands next. `number`: which one is tried then; `leaves`: the tried one is of no use any more. */
export interface NextPlace {
  place: 'waiting' | 'done';
  reason: string;
  waitMs: number;
  number: NextNumber | 'leaves';
}

/** The debtor's next place after a call that no outcome is recorded for, or not yet. */
export function placeAfter(attempt: EndedAttempt): NextPlace {
  const wait = (waitMs: number, reason: string, number: NextPlace['number'] = 'same'): NextPlace => ({
    place: 'waiting',
    reason,
    waitMs,
    number,
  });
  if (attempt.result === 'connected') return wait(AWAITING_OUTCOME_MS, 'awaiting_outcome');
  if (attempt.calledOff !== null) return placeWhenCalledOff(attempt.calledOff, attempt.otherNumbers);
  if (!attempt.counts) return wait(UNSENT_MS, attempt.ending);
  if (attempt.ending === 'dead_number') {
    return attempt.otherNumbers > 0
      ? wait(UNSENT_MS, 'number_left', 'leaves')
      : { place: 'done', reason: 'no_number_left', waitMs: 0, number: 'leaves' };
  }
  const { minutes, most, number } = recyclingAfter(attempt.recycling, attempt.result);
  if (attempt.tries >= attempt.recycling.maxTries || isUsedUp(most, attempt.endedSo)) {
    return { place: 'done', reason: 'tries_used_up', waitMs: 0, number: 'same' };
  }
  const peaceMs = attempt.result === 'abandoned' ? attempt.redialBlockMs : 0;
  return wait(Math.max(minutes * MINUTE_MS, peaceMs), attempt.result, number);
}

/** Whether so many attempts have ended in one way that no further one is made. */
export function isUsedUp(most: number | null, endedSo: number): boolean {
  return most !== null && endedSo >= most;
}

/** Whoever has nothing to be called for leaves; for the others the gate says in a moment what the new fact means. */
function placeWhenCalledOff(reason: string, otherNumbers: number): NextPlace {
  if (reason === 'no_open_debt') return { place: 'done', reason, waitMs: 0, number: 'same' };
  if (reason !== 'number_left') return { place: 'waiting', reason, waitMs: UNSENT_MS, number: 'same' };
  return otherNumbers > 0
    ? { place: 'waiting', reason, waitMs: UNSENT_MS, number: 'other' }
    : { place: 'done', reason: 'no_number_left', waitMs: 0, number: 'same' };
}

/** Whether an end uses up one of the campaign's tries: it counts, and the telephone could ring as long as it was to. */
export function spendsTry(end: { counts: boolean; ending: string }): boolean {
  return end.counts && end.ending !== CALLED_OFF;
}
