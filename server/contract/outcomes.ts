import { z } from 'zod';
import { normaliseDigits } from './digits.ts';
import type { RecycledOutcome } from './recycling.ts';
import { HOLD_BLOCKS } from './rule-terms.ts';

const amountMinor = z
  .string()
  .overwrite(normaliseDigits)
  .regex(/^[1-9][0-9]{0,17}$/, 'an amount above zero, in minor units');
const plainDate = z.iso.date();

/** What an agent records at the end of a call, each with the fields it cannot do without. Money is a string of minor units. */
export const outcome = z.discriminatedUnion('code', [
  z.object({
    code: z.literal('promise'),
    debtId: z.uuid(),
    amountMinor,
    currency: z.string().length(3),
    dueOn: plainDate,
  }),
  z.object({ code: z.literal('paid'), debtId: z.uuid(), paidOn: plainDate }),
  z.object({ code: z.literal('refused') }),
  z.object({ code: z.literal('dispute'), debtId: z.uuid(), reason: z.string().trim().min(1).max(500) }),
  z.object({ code: z.literal('callback'), at: z.iso.datetime({ offset: true }), mine: z.boolean() }),
  z.object({ code: z.literal('wrong_person') }),
  z.object({ code: z.literal('do_not_call'), scope: z.enum(['number', 'person']) }),
  z.object({ code: z.literal('no_contact') }),
  z.object({ code: z.literal('answering_machine') }),
  z.object({ code: z.literal('hardship'), until: plainDate }),
  z.object({ code: z.literal('deceased') }),
  /** They say that they may not be reached so, by one of the holds of the call's guidance. `atWork`: the number called rings at work. */
  z.object({ code: z.literal('restriction'), kind: z.string().min(1).max(80), atWork: z.boolean().default(false) }),
]);
export type Outcome = z.infer<typeof outcome>;
export type OutcomeCode = Outcome['code'];

/** In the order of their shortcut keys: the first nine are 1–9. */
export const OUTCOME_CODES = [
  'promise',
  'paid',
  'refused',
  'dispute',
  'callback',
  'wrong_person',
  'do_not_call',
  'no_contact',
  'answering_machine',
  'hardship',
  'deceased',
  'restriction',
] as const satisfies readonly OutcomeCode[];

/** Written by the system when nobody did. */
export const SYSTEM_OUTCOME_CODES = ['wrap_up_expired', 'agent_lost'] as const;
export type SystemOutcomeCode = (typeof SYSTEM_OUTCOME_CODES)[number];

/** The outcome of an agent who heard a machine: the abandonment ledger is corrected by it. */
export const MACHINE_OUTCOME: OutcomeCode = 'answering_machine';

/** Did the agent speak with the debtor? A conversation starts cool-offs. */
export const CONVERSATION_OUTCOMES: ReadonlySet<string> = new Set<OutcomeCode>([
  'promise',
  'paid',
  'refused',
  'dispute',
  'callback',
  'do_not_call',
  'hardship',
  'restriction',
]);

/**
 * What an outcome does to the debtor's next attempt. The console shows it in words before the agent saves; the queue applies it.
 * `recycled` waits as the campaign's recycling says (`contract/recycling.ts`), from the moment of saving; `days_after_date` counts from the
 * date the agent gave. `named_hold`: a hold that the packs name; where it leaves some ways open, the next call waits as after a refusal.
 */
export type OutcomeRule =
  | { kind: 'recycled'; as: RecycledOutcome }
  | { kind: 'days_after_date'; days: number }
  | { kind: 'at_given_time' }
  | { kind: 'hold_debt'; hold: string }
  | { kind: 'hold_person'; hold: string }
  | { kind: 'hold_until_date'; hold: string }
  | { kind: 'named_hold' }
  | { kind: 'number_leaves' }
  | { kind: 'number_or_person_leaves' };

export const OUTCOME_RULES: { readonly [Code in OutcomeCode | SystemOutcomeCode]: OutcomeRule } = {
  promise: { kind: 'days_after_date', days: 1 },
  paid: { kind: 'days_after_date', days: 5 },
  refused: { kind: 'recycled', as: 'refused' },
  dispute: { kind: 'hold_debt', hold: 'dispute' },
  callback: { kind: 'at_given_time' },
  wrong_person: { kind: 'number_leaves' },
  do_not_call: { kind: 'number_or_person_leaves' },
  no_contact: { kind: 'recycled', as: 'no_contact' },
  answering_machine: { kind: 'recycled', as: 'answering_machine' },
  hardship: { kind: 'hold_until_date', hold: 'hardship' },
  deceased: { kind: 'hold_person', hold: 'deceased' },
  restriction: { kind: 'named_hold' },
  wrap_up_expired: { kind: 'recycled', as: 'wrap_up_expired' },
  agent_lost: { kind: 'recycled', as: 'agent_lost' },
};

/** What came of it, as saved and shown: the words are the console's. */
export const outcomeEffect = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('not_before'), at: z.iso.datetime({ offset: true }) }),
  z.object({ kind: z.literal('callback'), at: z.iso.datetime({ offset: true }), timeZone: z.string() }),
  z.object({ kind: z.literal('held'), hold: z.string(), until: z.iso.datetime({ offset: true }).nullable() }),
  /** A hold that stops a part of all contact, and when the next call may be. */
  z.object({ kind: z.literal('limited'), hold: z.string(), blocks: z.enum(HOLD_BLOCKS), at: z.iso.datetime({ offset: true }) }),
  z.object({ kind: z.literal('number_left'), otherNumbers: z.number().int() }),
  z.object({ kind: z.literal('left_queue') }),
  /** Nobody's next attempt depends on it. */
  z.object({ kind: z.literal('noted') }),
]);
export type OutcomeEffect = z.infer<typeof outcomeEffect>;
