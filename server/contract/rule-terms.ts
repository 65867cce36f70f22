/** The words that rules are made of: what an editor offers and the gate knows. */

/** Ways to reach a person. Caps and locks cross them. */
export const CHANNELS = [
  'call',
  'sms',
  'email',
  'whatsapp',
  'social',
  'registered_mail',
  'letter',
  'creditor_app_or_site',
  'judicial_notice',
  'visit',
] as const;
export type Channel = (typeof CHANNELS)[number];

/**
 * How well a rule is known: V1 read in the regulator's own text; V1S the same, but superseded; V2 a secondary source only;
 * V0 a policy default that nobody has verified, shown as such wherever the rule appears.
 */
export const EVIDENCE_LEVELS = ['V1', 'V1S', 'V2', 'V0'] as const;
export type Evidence = (typeof EVIDENCE_LEVELS)[number];

/** `warn` refuses too, until a supervisor overrides it with a reason. */
export const SEVERITIES = ['block', 'warn'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `person+product`: all debts of one product. `number`: one telephone number, whoever is called on it. */
export const CAP_SCOPES = ['person', 'person+debt', 'person+product', 'number'] as const;
export type CapScope = (typeof CAP_SCOPES)[number];

/**
 * What a cap counts: outbound calls; outbound calls that could have left a message (a refusal by the network could not);
 * any contact on any channel, whoever began it.
 */
export const COUNTED_EVENTS = ['outbound_call_attempt', 'outbound_call_attempt_able_to_leave_message', 'contact'] as const;
export type CountedEvent = (typeof COUNTED_EVENTS)[number];

export const COOLOFF_CAUSES = ['phone_conversation', 'promise', 'dispute'] as const;
export type CooloffCause = (typeof COOLOFF_CAUSES)[number];

export const COOLOFF_SCOPES = ['person', 'person+debt'] as const;

/** What a cool-off stops: calls, or contact on every channel. */
export const COOLOFF_BLOCKS = ['outbound_call_attempt', 'contact'] as const;

/**
 * What a hold stops: everything; calls to the debtor's place of work; one number or medium, where the hold names one; the times and
 * places that the person named, or everything where none is known.
 */
export const HOLD_BLOCKS = ['all', 'workplace', 'that_number', 'matching_slots'] as const;
export type HoldBlock = (typeof HOLD_BLOCKS)[number];

/** What kind of number it is, by the numbering plan. `unknown` is a kind of its own, never a guess. */
export const NUMBER_TYPES = [
  'mobile',
  'fixed_line',
  'fixed_line_or_mobile',
  'voip',
  'personal_number',
  'toll_free',
  'uan',
  'premium_rate',
  'shared_cost',
  'satellite',
  'pager',
  'voicemail',
  'short',
  'emergency',
  'unknown',
] as const;
export type NumberType = (typeof NUMBER_TYPES)[number];

/** Why a pack cannot be, by name. What is merely of the wrong shape is `invalid`. */
export const PACK_FAULTS = [
  'invalid',
  'impossible_time',
  'impossible_date',
  'unknown_zone',
  'unknown_country',
  'unknown_region',
  'inverted_hours',
  'overlapping_hours',
  'cap_without_period',
  'cap_of_zero',
  'inherits_itself',
  'unknown_base',
  'pack_twice',
  'loosening_override',
] as const;
export type PackFaultCode = (typeof PACK_FAULTS)[number];
