import { describe, expect, it } from 'vitest';
import type { DeskInbound } from '../../server/contract/inbound.ts';
import { outcome, OUTCOME_CODES, type OutcomeCode } from '../../server/contract/outcomes.ts';
import {
  addDays,
  choose,
  dayIn,
  draftFieldOf,
  EMPTY_DRAFT,
  foretell,
  outcomeOf,
  settled,
  type OutcomeDraft,
  outcomesFor,
} from '../../agent-ui/src/agent/outcome-draft.ts';
import { rulesFor } from '../../server/compliance/catalogue.ts';
import { guidanceOf } from '../../server/compliance/guidance.ts';
import { SHIPPED_CATALOGUE } from '../../server/compliance/shipped.ts';
import { aCall, aFile } from './desks.ts';

const NOW = Date.parse('2026-06-01T09:00:00Z');
const TODAY = '2026-06-01';
const FILE = aFile();
const GUIDANCE = guidanceOf(rulesFor(SHIPPED_CATALOGUE, ['US']));
const CALL = aCall();

function draft(code: OutcomeCode, part: Partial<OutcomeDraft> = {}): OutcomeDraft {
  return { ...choose(settled(EMPTY_DRAFT, FILE), code, TODAY), ...part };
}

function missing(one: OutcomeDraft, file = FILE): string[] {
  const read = outcomeOf(one, file, NOW, TODAY);
  return 'missing' in read ? Object.keys(read.missing) : [];
}

const COMPLETE: Record<OutcomeCode, Partial<OutcomeDraft>> = {
  promise: { amountMinor: '50000', day: '2026-06-10' },
  paid: {},
  refused: {},
  dispute: { reason: 'never signed' },
  callback: { callbackAt: '2026-06-02T09:00:00Z' },
  wrong_person: {},
  do_not_call: { scope: 'person' },
  no_contact: {},
  answering_machine: {},
  hardship: { day: '2026-07-01' },
  deceased: {},
  restriction: { hold: 'cease' },
};

describe('an outcome', () => {
  it.each(OUTCOME_CODES)('%s is what the contract wants once its fields are filled', (code) => {
    const read = outcomeOf(draft(code, COMPLETE[code]), FILE, NOW, TODAY);
    expect('outcome' in read && outcome.safeParse(read.outcome).success).toBe(true);
  });

  it('must be chosen', () => {
    expect(missing(EMPTY_DRAFT)).toEqual(['code']);
  });

  it('names each field it lacks', () => {
    expect(missing(draft('promise'))).toEqual(['amountMinor', 'day']);
    expect(missing(draft('dispute'))).toEqual(['reason']);
    expect(missing(draft('dispute', { reason: '   ' }))).toEqual(['reason']);
    expect(missing(draft('callback'))).toEqual(['callbackAt']);
    expect(missing(draft('hardship'))).toEqual(['day']);
  });

  it('asks which debt where there are several', () => {
    const [debt] = FILE.debts;
    if (!debt) throw new Error('the file has no debt');
    const two = aFile({ debts: [debt, { ...debt, id: '0199f000-0000-7000-8000-000000000009' }] });
    expect(missing({ ...settled(EMPTY_DRAFT, two), code: 'paid', day: TODAY }, two)).toEqual(['debtId']);
  });

  it('needs no choice of the only debt, also where the file comes after the form', () => {
    const early = choose(settled(EMPTY_DRAFT, null), 'promise', TODAY);
    expect(early.debtId).toBeNull();
    expect(settled(early, FILE).debtId).toBe(FILE.debts[0]?.id);
  });

  it('takes no promise of more than is owed', () => {
    expect(missing(draft('promise', { amountMinor: '125001', day: '2026-06-10' }))).toEqual(['amountMinor']);
    expect(missing(draft('promise', { amountMinor: '125000', day: '2026-06-10' }))).toEqual([]);
  });

  it('takes no promise for yesterday, no payment of tomorrow, no callback in the past', () => {
    expect(missing(draft('promise', { amountMinor: '1', day: '2026-05-31' }))).toEqual(['day']);
    expect(missing(draft('paid', { day: '2026-06-02' }))).toEqual(['day']);
    expect(missing(draft('callback', { callbackAt: '2026-06-01T08:59:00Z' }))).toEqual(['callbackAt']);
  });

  it('does not carry a day from one outcome to another, where it would mean something else', () => {
    const promised = draft('promise', { day: '2026-06-20' });
    expect(choose(promised, 'hardship', TODAY).day).toBeNull();
    expect(choose(promised, 'paid', TODAY).day).toBe(TODAY);
    expect(choose(promised, 'promise', TODAY).day).toBe('2026-06-20');
  });
});

describe('a caller whom nobody has confirmed', () => {
  const inbound: DeskInbound = { called: '+966112345678', waitedMs: 0, candidates: [], caller: 'open' };

  it('has the outcomes that need no person; once confirmed, all', () => {
    expect(outcomesFor({ inbound: inbound, guidance: GUIDANCE })).toEqual(['wrong_person', 'do_not_call', 'no_contact']);
    expect(outcomesFor({ inbound: { ...inbound, caller: 'confirmed' }, guidance: GUIDANCE })).toEqual(OUTCOME_CODES);
    expect(outcomesFor({ inbound: null, guidance: GUIDANCE })).toEqual(OUTCOME_CODES);
    expect(outcomesFor({ inbound: null, guidance: null })).not.toContain('restriction');
  });
});

describe('the effect, before it is saved,', () => {
  it('is told by the rules that the queue applies', () => {
    const asked = (hold: string) => foretell(draft('restriction', { hold }), { ...CALL, guidance: GUIDANCE }, NOW);
    const limited = { hold: 'employer_prohibits', at: '2026-06-04T09:00:00.000Z' };
    expect(asked('employer_prohibits')).toEqual({ text: 'effect.limited.workplace', ...limited });
    expect(asked('cease_communication_written')).toMatchObject({ text: 'effect.personHeld' });
    expect(foretell(draft('refused'), CALL, NOW)).toEqual({ text: 'effect.notBefore', at: '2026-06-04T09:00:00.000Z' });
    const own = aCall({ recycling: { maxTries: 10, retryMinutes: 240, after: { refused: { minutes: 60 } } } });
    expect(foretell(draft('refused'), own, NOW)).toEqual({ text: 'effect.notBefore', at: '2026-06-01T10:00:00.000Z' });
    expect(foretell(draft('promise'), CALL, NOW)).toEqual({ text: 'effect.daysAfter', days: 1 });
    expect(foretell(draft('promise', { day: '2026-06-30' }), CALL, NOW)).toEqual({
      text: 'effect.notBeforeDay',
      day: '2026-07-01',
    });
    expect(foretell(draft('dispute'), CALL, NOW)).toEqual({ text: 'effect.debtHeld', hold: 'dispute' });
    expect(foretell(draft('wrong_person'), CALL, NOW)).toEqual({ text: 'effect.numberLeaves', others: 0 });
    expect(foretell(draft('do_not_call', { scope: 'person' }), CALL, NOW)).toEqual({ text: 'effect.personLeaves' });
  });

  it.each(OUTCOME_CODES)('has words for %s, filled or not', (code) => {
    expect(foretell(draft(code), CALL, NOW)).not.toBeNull();
    expect(foretell(draft(code, COMPLETE[code]), CALL, NOW)).not.toBeNull();
  });
});

describe('the debtor’s date', () => {
  it('is that of the debtor’s place', () => {
    expect(dayIn('Pacific/Auckland', Date.parse('2026-06-01T20:00:00Z'))).toBe('2026-06-02');
    expect(dayIn('America/New_York', Date.parse('2026-06-01T02:00:00Z'))).toBe('2026-05-31');
  });

  it('counts days over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});

describe('a refusal of the server', () => {
  it('finds the field of the form that it is about', () => {
    expect(['outcome.dueOn', 'amountMinor', 'at', 'currency', 'attemptId', null].map(draftFieldOf)).toEqual([
      'day',
      'amountMinor',
      'callbackAt',
      'debtId',
      null,
      null,
    ]);
  });
});
