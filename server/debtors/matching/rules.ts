import type { Agreement, MatchField } from '../../contract/matching.ts';

/** What decides whether two people may be made one. */
export interface Person {
  id: string;
  identityKind: string | null;
  identityValue: string | null;
  demo: boolean;
  mergedInto: string | null;
  /** A contact is under way or about to be. */
  inContact: boolean;
  /** Debts that they stand for, in whatever role. */
  debtIds: readonly string[];
}

export const MERGE_REFUSALS = [
  'unknown_person',
  'same_person',
  'already_merged',
  'demo_and_real',
  'persons_differ',
  'stand_for_one_debt',
  'person_in_contact',
] as const;
export type MergeRefusal = (typeof MERGE_REFUSALS)[number];

/**
 * Why two people may not be merged, or null. Two valid identifiers of one kind that differ prove two people; nobody may overrule that by hand.
 * Debtor and guarantor, co-debtor or attorney of one debt are two by what they are for it.
 * While one of them is on the line, the call's person must stay who they are.
 */
export function whyNotMerge(kept: Person | undefined, gone: Person | undefined): MergeRefusal | null {
  if (!kept || !gone) return 'unknown_person';
  if (kept.id === gone.id) return 'same_person';
  if (kept.mergedInto !== null || gone.mergedInto !== null) return 'already_merged';
  if (kept.demo !== gone.demo) return 'demo_and_real';
  const comparable = kept.identityKind !== null && kept.identityKind === gone.identityKind;
  if (comparable && kept.identityValue !== gone.identityValue) return 'persons_differ';
  if (kept.debtIds.some((id) => gone.debtIds.includes(id))) return 'stand_for_one_debt';
  return kept.inContact || gone.inContact ? 'person_in_contact' : null;
}

/** What a person is compared by. */
export interface Likeness {
  foldedName: string;
  identityKind: string | null;
  identityValue: string | null;
  phones: readonly string[];
  ibans: readonly string[];
  address: string | null;
  country: string;
  language: string | null;
}

/** Where two people agree and where they differ. One number or IBAN in common is enough; identifiers of two kinds say nothing. */
export function agreementOf(a: Likeness, b: Likeness): Record<MatchField, Agreement> {
  const one = (mine: string | null, theirs: string | null): Agreement =>
    mine === null || theirs === null ? 'unknown' : mine === theirs ? 'agrees' : 'differs';
  const some = (mine: readonly string[], theirs: readonly string[]): Agreement =>
    mine.length === 0 || theirs.length === 0 ? 'unknown' : mine.some((each) => theirs.includes(each)) ? 'agrees' : 'differs';
  return {
    name: one(a.foldedName, b.foldedName),
    identity: a.identityKind === b.identityKind ? one(a.identityValue, b.identityValue) : 'unknown',
    phones: some(a.phones, b.phones),
    ibans: some(a.ibans, b.ibans),
    address: one(a.address, b.address),
    country: one(a.country, b.country),
    language: one(a.language, b.language),
  };
}
