/** Which number of a debtor comes next. Pure. */

/** A number of a person, as far as its turn is concerned. */
export interface CandidatePhone {
  id: string;
  rank: number;
}

/** A past call as far as the turn of a number is concerned. */
export interface PastCall {
  phoneId: string;
  conversation: boolean;
}

/** The number that is wished for next, or (`last`) only after all others. */
export interface NumberWish {
  id: string | null;
  last: boolean;
}

/** The numbers in the order in which to try them: the one wished for, then the one tried least in vain, then by the list's own rank. */
export function orderPhones<Phone extends CandidatePhone>(
  phones: readonly Phone[],
  wish: NumberWish,
  callsNewestFirst: readonly PastCall[],
): Phone[] {
  const key = (phone: Phone): number =>
    phone.id === wish.id ? (wish.last ? Infinity : -1) : triesInVain(callsNewestFirst, phone.id);
  return phones.toSorted((a, b) => key(a) - key(b) || a.rank - b.rank || (a.id < b.id ? -1 : 1));
}

/** Calls to a number since somebody last spoke on it. */
export function triesInVain(callsNewestFirst: readonly PastCall[], phoneId: string): number {
  let tries = 0;
  for (const call of callsNewestFirst) {
    if (call.phoneId !== phoneId) continue;
    if (call.conversation) break;
    tries += 1;
  }
  return tries;
}
