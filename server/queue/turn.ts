/** Which number of a debtor comes next. Pure; docs/queue.md has the formula and an example. */

/** A number of a person, as far as its turn is concerned. */
export interface CandidatePhone {
  id: string;
  rank: number;
}

/** A past call as far as the turn of a number is concerned. `answered` null: it says nothing about that (the line was busy). */
export interface PastCall {
  phoneId: string;
  answered: boolean | null;
  atMs: number;
}

/** The number that is wished for next, or (`last`) only after all others. */
export interface NumberWish {
  id: string | null;
  last: boolean;
}

/** What is thought of a number that was never tried: the list's first, and how much less of each one behind it. */
const PRIOR_CHANCE = 0.2;
const PRIOR_PER_RANK = 0.9;
/** As many tries that belief is worth. */
const PRIOR_TRIES = 2;
/** A call of so long ago weighs half as much as one of today. */
const HALF_LIFE_MS = 14 * 86_400_000;

/** The numbers in the order in which to try them: the one wished for, then by their own chances, then by the list's own rank. */
export function orderPhones<Phone extends CandidatePhone>(
  phones: readonly Phone[],
  wish: NumberWish,
  calls: readonly PastCall[],
  nowMs: number,
): Phone[] {
  const chances = new Map(phones.map((phone) => [phone.id, answerChanceOf(phone, calls, nowMs)]));
  const key = ({ id }: Phone): number => (id === wish.id ? (wish.last ? -1 : 2) : (chances.get(id) ?? 0));
  return phones.toSorted((a, b) => key(b) - key(a) || a.rank - b.rank || (a.id < b.id ? -1 : 1));
}

/**
 * The chance, above 0 and below 1, that a person answers a number: answers over tries, each weighed by half for every fourteen days that it
 * lies back, shrunk by two tries to what is thought of a number of its rank in the list.
 */
export function answerChanceOf({ id, rank }: CandidatePhone, calls: readonly PastCall[], nowMs: number): number {
  const prior = PRIOR_CHANCE * PRIOR_PER_RANK ** Math.max(0, rank);
  let [tries, answers] = [PRIOR_TRIES, PRIOR_TRIES * prior];
  for (const call of calls) {
    if (call.phoneId !== id || call.answered === null) continue;
    const weight = 0.5 ** (Math.max(0, nowMs - call.atMs) / HALF_LIFE_MS);
    tries += weight;
    if (call.answered) answers += weight;
  }
  return answers / tries;
}
