import type { DebtorFile, DeskCall } from '../../../server/contract/desk.ts';
import { HOLDS_OF_OUTCOMES, type HoldKind } from '../../../server/contract/guidance.ts';
import { OUTCOME_CODES, OUTCOME_RULES, type Outcome, type OutcomeCode } from '../../../server/contract/outcomes.ts';
import { recyclingAfter } from '../../../server/contract/recycling.ts';
import type { TextKey } from '../i18n/texts.ts';

/** What the agent has chosen so far; fields of an outcome that is not chosen are kept, since agents change their minds. */
export interface OutcomeDraft {
  code: OutcomeCode | null;
  debtId: string | null;
  amountMinor: string | null;
  /** `YYYY-MM-DD`: due, paid or held until. */
  day: string | null;
  reason: string;
  /** When to call back, an ISO instant. */
  callbackAt: string | null;
  mine: boolean;
  scope: 'number' | 'person';
  /** A hold of the call's guidance, and whether the number called rings at work. */
  hold: string | null;
  atWork: boolean;
}

export type DraftField = 'code' | 'debtId' | 'amountMinor' | 'day' | 'reason' | 'callbackAt' | 'hold';

/** The fields each outcome shows, in the order of the form. */
export const FIELDS: {
  readonly [Code in OutcomeCode]: readonly ('debtId' | 'amountMinor' | 'day' | 'reason' | 'callback' | 'scope' | 'hold')[];
} = {
  promise: ['debtId', 'amountMinor', 'day'],
  paid: ['debtId', 'day'],
  refused: [],
  dispute: ['debtId', 'reason'],
  callback: ['callback'],
  wrong_person: [],
  do_not_call: ['scope'],
  no_contact: [],
  answering_machine: [],
  hardship: ['day'],
  deceased: [],
  restriction: ['hold'],
};

/** What can be said of a caller whom nobody has confirmed: whatever else there is to say needs a person. */
const OF_NOBODY: ReadonlySet<OutcomeCode> = new Set(['wrong_person', 'do_not_call', 'no_contact']);

/** The outcomes that a call may have, in the order of their keys. */
export function outcomesFor({ inbound, guidance }: Pick<DeskCall, 'inbound' | 'guidance'>): OutcomeCode[] {
  const open = inbound !== null && inbound.caller !== 'confirmed';
  return OUTCOME_CODES.filter((code) => (!open || OF_NOBODY.has(code)) && (code !== 'restriction' || guidance !== null));
}

/** The holds that a debtor may ask for in a call: those without an outcome of their own. */
export function holdsToSay({ guidance }: Pick<DeskCall, 'guidance'>): HoldKind[] {
  return guidance?.holds.filter(({ kind }) => !HOLDS_OF_OUTCOMES.has(kind)) ?? [];
}

/** An empty form. */
export const EMPTY_DRAFT: OutcomeDraft = {
  code: null,
  debtId: null,
  amountMinor: null,
  day: null,
  reason: '',
  callbackAt: null,
  mine: false,
  scope: 'number',
  hold: null,
  atWork: true,
};

/** The draft with what needs no choosing: a single debt. The file may come after the form, where nobody rang long enough for it. */
export function settled(draft: OutcomeDraft, file: DebtorFile | null): OutcomeDraft {
  const [only, ...others] = file?.debts ?? [];
  return draft.debtId === null && only && others.length === 0 ? { ...draft, debtId: only.id } : draft;
}

/** The draft with another outcome chosen. Days mean different things from outcome to outcome, so they are not carried over. */
export function choose(draft: OutcomeDraft, code: OutcomeCode, today: string): OutcomeDraft {
  if (code === draft.code) return draft;
  return { ...draft, code, day: code === 'paid' ? today : null };
}

/** The outcome to save, or what is missing, by field. `now` is the server's epoch milliseconds, `today` the debtor's date. */
export function outcomeOf(
  draft: OutcomeDraft,
  file: DebtorFile | null,
  now: number,
  today: string,
): { outcome: Outcome } | { missing: Partial<Record<DraftField, TextKey>> } {
  const missing = missingOf(draft, file, now, today);
  if (Object.keys(missing).length > 0 || draft.code === null) return { missing };
  const { code, debtId, amountMinor, day, callbackAt } = draft;
  switch (code) {
    case 'promise': {
      const currency = file?.debts.find((debt) => debt.id === debtId)?.currency;
      if (debtId === null || amountMinor === null || day === null || currency === undefined)
        return { missing: { debtId: 'invalid.debt' } };
      return { outcome: { code, debtId, amountMinor, currency, dueOn: day } };
    }
    case 'paid':
      if (debtId === null || day === null) return { missing: { debtId: 'invalid.debt' } };
      return { outcome: { code, debtId, paidOn: day } };
    case 'dispute':
      if (debtId === null) return { missing: { debtId: 'invalid.debt' } };
      return { outcome: { code, debtId, reason: draft.reason.trim() } };
    case 'callback':
      if (callbackAt === null) return { missing: { callbackAt: 'invalid.callback' } };
      return { outcome: { code, at: callbackAt, mine: draft.mine } };
    case 'do_not_call':
      return { outcome: { code, scope: draft.scope } };
    case 'hardship':
      if (day === null) return { missing: { day: 'invalid.day' } };
      return { outcome: { code, until: day } };
    case 'restriction':
      if (draft.hold === null) return { missing: { hold: 'invalid.hold' } };
      return { outcome: { code, kind: draft.hold, atWork: draft.atWork } };
    default:
      return { outcome: { code } };
  }
}

function missingOf(
  draft: OutcomeDraft,
  file: DebtorFile | null,
  now: number,
  today: string,
): Partial<Record<DraftField, TextKey>> {
  if (draft.code === null) return { code: 'invalid.outcome' };
  const missing: Partial<Record<DraftField, TextKey>> = {};
  for (const field of FIELDS[draft.code]) {
    if (field === 'debtId' && draft.debtId === null) missing.debtId = 'invalid.debt';
    if (field === 'amountMinor' && draft.amountMinor === null) missing.amountMinor = 'invalid.amount';
    if (field === 'amountMinor' && draft.amountMinor !== null && BigInt(draft.amountMinor) > owed(draft, file)) {
      missing.amountMinor = 'invalid.aboveBalance';
    }
    if (field === 'reason' && draft.reason.trim() === '') missing.reason = 'invalid.reason';
    if (field === 'day') {
      if (draft.day === null) missing.day = 'invalid.day';
      else if (draft.code === 'paid' && draft.day > today) missing.day = 'invalid.dayAhead';
      else if (draft.code !== 'paid' && draft.day < today) missing.day = 'invalid.dayPast';
    }
    if (field === 'hold' && draft.hold === null) missing.hold = 'invalid.hold';
    if (field === 'callback') {
      if (draft.callbackAt === null) missing.callbackAt = 'invalid.callback';
      else if (Date.parse(draft.callbackAt) <= now) missing.callbackAt = 'invalid.callbackPast';
    }
  }
  return missing;
}

function owed(draft: OutcomeDraft, file: DebtorFile | null): bigint {
  return BigInt(file?.debts.find((debt) => debt.id === draft.debtId)?.balanceMinor ?? 0);
}

/** The form's field behind a field of the request that the server refused. */
export function draftFieldOf(field: string | null): DraftField | null {
  const last = field?.split('.').at(-1);
  switch (last) {
    case 'debtId':
    case 'amountMinor':
    case 'reason':
      return last;
    case 'kind':
      return 'hold';
    case 'currency':
      return 'debtId';
    case 'dueOn':
    case 'paidOn':
    case 'until':
      return 'day';
    case 'at':
      return 'callbackAt';
    default:
      return null;
  }
}

/** What saving would do to the next attempt, ready for words: a text and the values that are put in. */
export type Foretold =
  | { text: 'effect.notBefore'; at: string }
  | { text: 'effect.notBeforeDay'; day: string }
  | { text: 'effect.daysAfter'; days: number }
  | { text: 'effect.callback'; at: string }
  | { text: 'effect.callbackOpen' }
  | { text: 'effect.debtHeld' | 'effect.personHeld'; hold: string }
  | { text: LimitedText; hold: string; at: string }
  | { text: 'effect.restrictionOpen' }
  | { text: 'effect.heldUntil'; hold: string; day: string }
  | { text: 'effect.heldUntilOpen'; hold: string }
  | { text: 'effect.numberLeaves'; others: number }
  | { text: 'effect.personLeaves' };

type LimitedText = 'effect.limited.workplace' | 'effect.limited.that_number' | 'effect.limited.matching_slots';

/** The effect of the draft as it stands, by the same rules that the queue applies. */
export function foretell(
  draft: OutcomeDraft,
  { file, guidance, recycling }: Pick<DeskCall, 'file' | 'guidance' | 'recycling'>,
  now: number,
): Foretold | null {
  if (draft.code === null) return null;
  const rule = OUTCOME_RULES[draft.code];
  const others = Math.max(0, (file?.phones.filter((phone) => phone.state === 'active').length ?? 1) - 1);
  switch (rule.kind) {
    case 'recycled':
      return { text: 'effect.notBefore', at: new Date(now + recyclingAfter(recycling, rule.as).minutes * 60_000).toISOString() };
    case 'days_after_date':
      return draft.day === null
        ? { text: 'effect.daysAfter', days: rule.days }
        : { text: 'effect.notBeforeDay', day: addDays(draft.day, rule.days) };
    case 'at_given_time':
      return draft.callbackAt === null ? { text: 'effect.callbackOpen' } : { text: 'effect.callback', at: draft.callbackAt };
    case 'hold_debt':
      return { text: 'effect.debtHeld', hold: rule.hold };
    case 'hold_person':
      return { text: 'effect.personHeld', hold: rule.hold };
    case 'hold_until_date':
      return draft.day === null
        ? { text: 'effect.heldUntilOpen', hold: rule.hold }
        : { text: 'effect.heldUntil', hold: rule.hold, day: draft.day };
    case 'named_hold': {
      const hold = guidance?.holds.find(({ kind }) => kind === draft.hold);
      if (hold === undefined) return { text: 'effect.restrictionOpen' };
      const { kind, blocks } = hold;
      if (blocks === 'all') return { text: 'effect.personHeld', hold: kind };
      const at = new Date(now + recyclingAfter(recycling, 'refused').minutes * 60_000).toISOString();
      return { text: `effect.limited.${blocks}`, hold: kind, at };
    }
    case 'number_leaves':
      return { text: 'effect.numberLeaves', others };
    case 'number_or_person_leaves':
      return draft.scope === 'person' ? { text: 'effect.personLeaves' } : { text: 'effect.numberLeaves', others };
  }
}

/** A plain date some days on. */
export function addDays(day: string, days: number): string {
  const at = new Date(`${day}T12:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The date in a time zone at an epoch millisecond, `YYYY-MM-DD`; the browser's zone where the given one is unknown. */
export function dayIn(timeZone: string | undefined, epochMs: number): string {
  const parts = new Intl.DateTimeFormat('en-CA-u-ca-gregory-nu-latn', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).formatToParts(epochMs);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}
