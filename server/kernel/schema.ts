import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { TestCallResult } from '../contract/trunks.ts';
import type { LedgerCause } from '../contract/abandonment.ts';

/**
 * The tables as Kysely sees them; the truth is `migrations/`. Moments go in as ISO strings and come out as Temporal.Instant
 * (an infinite one as null); jsonb goes in as text (`JSON.stringify`) and comes out parsed, to be read through a schema.
 */
export interface Schema {
  app_user: AppUserTable;
  sign_in_session: SignInSessionTable;
  creditor: CreditorTable;
  party: PartyTable;
  phone: PhoneTable;
  party_phone: PartyPhoneTable;
  party_iban: PartyIbanTable;
  match_proposal: MatchProposalTable;
  person_merge: PersonMergeTable;
  import_debt_state: ImportDebtStateTable;
  import: ImportTable;
  debt: DebtTable;
  debt_party: DebtPartyTable;
  posting: PostingTable;
  hold: HoldTable;
  consent: ConsentTable;
  trunk: TrunkTable;
  trunk_test: TrunkTestTable;
  floor: FloorTable;
  campaign: CampaignTable;
  campaign_agent: CampaignAgentTable;
  campaign_debt: CampaignDebtTable;
  dial_queue: DialQueueTable;
  contact_attempt: ContactAttemptTable;
  attempt_debt: AttemptDebtTable;
  abandonment_ledger: AbandonmentLedgerTable;
  conversation_debt: ConversationDebtTable;
  live_contact: LiveContactTable;
  call_leg: CallLegTable;
  agent_state: AgentStateTable;
  segment: SegmentTable;
  outcome: OutcomeTable;
  attempt_note: AttemptNoteTable;
  promise: PromiseTable;
  callback: CallbackTable;
  event: EventTable;
  outbox: OutboxTable;
  scorecard_version: ScorecardVersionTable;
  usual_balance: UsualBalanceTable;
  rescore: RescoreTable;
  contact_tally: ContactTallyTable;
  answer_hour: AnswerHourTable;
  rule_pack: RulePackTable;
  rule_override: RuleOverrideTable;
  holiday: HolidayTable;
  rule_set: RuleSetTable;
  history_batch: HistoryBatchTable;
  history_head: HistoryHeadTable;
  pacing_memory: PacingMemoryTable;
  pacing_trial: PacingTrialTable;
  call_off: CallOffTable;
  campaign_callable: CampaignCallableTable;
  saved_segment: SavedSegmentTable;
}

export interface AppUserTable {
  id: Generated<string>;
  login: string;
  display_name: string;
  role: 'agent' | 'supervisor' | 'admin';
  password_hash: string;
  language: Generated<'en' | 'ar' | 'fa'>;
  station_kind: Generated<'browser' | 'sip'>;
  demo: Generated<boolean>;
  disabled_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  /** ISO 639-1. */
  languages: Generated<string[]>;
  skills: Generated<string[]>;
}

export interface SignInSessionTable {
  token_hash: Buffer;
  user_id: string;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  expires_at: ColumnType<Temporal.Instant, string, string>;
  revoked_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface CreditorTable {
  id: Generated<string>;
  name: string;
  demo: Generated<boolean>;
}

export interface PartyTable {
  id: Generated<string>;
  kind: Generated<'person' | 'company'>;
  display_name: string;
  folded_name: string;
  identity_kind: string | null;
  identity_value: string | null;
  country: string;
  address: string | null;
  language: string | null;
  time_zones: Generated<string[]>;
  /** ISO 3166-2, of the address. */
  regions: Generated<string[]>;
  demo: Generated<boolean>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  merged_into: string | null;
}

export interface PartyIbanTable {
  party_id: string;
  iban: string;
}

export interface MatchProposalTable {
  id: Generated<string>;
  party_a: string;
  party_b: string;
  reason: 'same_name_and_phone' | 'same_iban' | 'same_name_and_address';
  state: Generated<'open' | 'merged' | 'rejected'>;
  import_id: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  decided_by: string | null;
  decided_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface PersonMergeTable {
  id: Generated<string>;
  kept_id: string;
  gone_id: string;
  moved: ColumnType<unknown, string, string>;
  merged_by: string | null;
  merged_at: ColumnType<Temporal.Instant, string | undefined, string>;
  undone_by: string | null;
  undone_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface ImportDebtStateTable {
  import_id: string;
  debt_id: string;
  state_before: 'open' | 'paid' | 'recalled' | 'closed';
}

export interface PhoneTable {
  id: Generated<string>;
  e164: string;
  country: string;
  number_type: Generated<string>;
  time_zones: Generated<string[]>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface PartyPhoneTable {
  party_id: string;
  phone_id: string;
  rank: Generated<number>;
  state: Generated<'active' | 'wrong' | 'revoked'>;
}

export interface ImportTable {
  id: Generated<string>;
  campaign_id: string | null;
  creditor_id: string | null;
  profile: string | null;
  mapping: ColumnType<unknown, string | null | undefined, string | null>;
  file_name: string;
  file_path: string;
  file_digest: string | null;
  dry_run: Generated<boolean>;
  state: Generated<'queued' | 'running' | 'done' | 'failed'>;
  progress: ColumnType<unknown, string | undefined, string>;
  result: ColumnType<unknown, string | null | undefined, string | null>;
  error: ColumnType<unknown, string | null | undefined, string | null>;
  errors_path: string | null;
  created_by: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  undone_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface DebtTable {
  id: Generated<string>;
  creditor_id: string;
  account: string;
  product: string | null;
  currency: string;
  balance_minor: Generated<bigint>;
  due_on: string | null;
  state: Generated<'open' | 'paid' | 'recalled' | 'closed'>;
  listed_minor: bigint | null;
  row_digest: Buffer | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface DebtPartyTable {
  debt_id: string;
  party_id: string;
  role: Generated<'debtor' | 'co_debtor' | 'guarantor' | 'attorney'>;
}

export interface PostingTable {
  id: Generated<string>;
  debt_id: string;
  kind: 'opening' | 'adjustment' | 'payment';
  amount_minor: bigint;
  import_id: string | null;
  reference: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface HoldTable {
  id: Generated<string>;
  party_id: string;
  debt_id: string | null;
  phone_id: string | null;
  kind: string;
  starts_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ends_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  released_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  attempt_id: string | null;
  created_by: string | null;
}

export interface ConsentTable {
  id: Generated<string>;
  party_id: string;
  phone_id: string | null;
  channel: string;
  kind: string;
  granted: boolean;
  source: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface TrunkTable {
  name: string;
  kind: 'demo' | 'real';
  uri: string;
  armed: Generated<boolean>;
  channel_limit: number;
  calls_per_second: ColumnType<string, string | number, string | number>;
  account_digest: string | null;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface TrunkTestTable {
  id: string;
  trunk: string;
  digest: string;
  number_end: string;
  asked_by: string;
  floor_id: string;
  epoch: bigint | null;
  state: Generated<'asked' | 'dialing' | 'ringing' | 'answered' | 'ended'>;
  result: TestCallResult | null;
  cause: number | null;
  tech_cause: string | null;
  asked_at: ColumnType<Temporal.Instant, string | undefined, string>;
  deadline_at: ColumnType<Temporal.Instant, string, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface FloorTable {
  id: string;
  owner: string | null;
  epoch: Generated<bigint>;
  expires_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
}

export interface CampaignTable {
  id: Generated<string>;
  name: string;
  floor_id: Generated<string>;
  creditor_id: string | null;
  state: Generated<'draft' | 'running' | 'paused' | 'ended'>;
  settings: ColumnType<unknown, string, string>;
  version: Generated<number>;
  demo: Generated<boolean>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  /** Its first start. */
  started_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
}

export interface CampaignAgentTable {
  campaign_id: string;
  user_id: string;
}

export interface CampaignDebtTable {
  campaign_id: string;
  debt_id: string;
}

export interface DialQueueTable {
  campaign_id: string;
  party_id: string;
  state: Generated<'ready' | 'waiting' | 'reserved' | 'done'>;
  band: Generated<number>;
  score: Generated<number>;
  score_reasons: ColumnType<unknown, string | undefined, string>;
  not_before: ColumnType<Temporal.Instant | null, string | undefined, string>;
  reason: string | null;
  tries: Generated<number>;
  phone_id: string | null;
  callback_id: string | null;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
  /** Per cent of the score at this hour. */
  hour_share: Generated<number>;
  /** What the queue goes by: the score's share at this hour. */
  standing: GeneratedAlways<number>;
}

/** Unanswered calls that may go on no longer. */
export interface CallOffTable {
  attempt_id: string;
  floor_id: string;
  reason: string;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface ContactAttemptTable {
  id: string;
  channel: Generated<string>;
  campaign_id: string;
  floor_id: string;
  epoch: bigint;
  party_id: string;
  phone_id: string;
  creditor_id: string | null;
  debt_ids: Generated<string[]>;
  number: string;
  state: Generated<'reserved' | 'dialing' | 'ringing' | 'answered' | 'screening' | 'waiting' | 'connected' | 'ended'>;
  result: 'connected' | 'abandoned' | 'screened' | 'no_answer' | 'busy' | 'failed' | 'cancelled' | 'lost' | null;
  counts: Generated<boolean>;
  cause: number | null;
  tech_cause: string | null;
  ending: string | null;
  verdict: ColumnType<unknown, string, string>;
  inputs_digest: string;
  permit_until: ColumnType<Temporal.Instant, string, string>;
  ring_timeout_ms: number;
  trunk: string | null;
  caller_id: string | null;
  agent_id: string | null;
  screening: ColumnType<unknown, string | null | undefined, string | null>;
  reserved_at: ColumnType<Temporal.Instant, string, string>;
  dialing_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  ringing_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  answered_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  greeting_ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  waiting_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  connected_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  message_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface AbandonmentLedgerTable {
  attempt_id: string;
  campaign_id: string;
  answered_at: ColumnType<Temporal.Instant, string, never>;
  greeting_ended_at: ColumnType<Temporal.Instant | null, string | null, never>;
  deadline_at: ColumnType<Temporal.Instant, string, never>;
  agent_at: ColumnType<Temporal.Instant | null, string | null, never>;
  message_at: ColumnType<Temporal.Instant | null, string | null, never>;
  ended_at: ColumnType<Temporal.Instant | null, string | null, never>;
  detection: string | null;
  rule: ColumnType<unknown, string, never>;
  cause: LedgerCause;
  answered: boolean;
  abandoned: boolean;
  corrected: 'human' | 'machine' | null;
  corrected_by: string | null;
  corrected_at: ColumnType<Temporal.Instant | null, string | null, string | null>;
}

export interface AttemptDebtTable {
  attempt_id: string;
  debt_id: string;
  reserved_at: ColumnType<Temporal.Instant, string, string>;
}

export interface ConversationDebtTable {
  attempt_id: string;
  debt_id: string;
  party_id: string;
  at: ColumnType<Temporal.Instant, string, string>;
}

export interface LiveContactTable {
  party_id: string;
  phone_id: string;
  attempt_id: string;
  channel: string;
  since: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface CallLegTable {
  id: string;
  attempt_id: string;
  trunk: string;
  node: string;
  cause: number | null;
  tech_cause: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface AgentStateTable {
  agent_id: string;
  floor_id: string;
  epoch: bigint;
  seq: bigint;
  state: string;
  body: ColumnType<unknown, string, string>;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface SegmentTable {
  id: Generated<string>;
  attempt_id: string;
  agent_id: string;
  from_at: ColumnType<Temporal.Instant, string, string>;
  to_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface OutcomeTable {
  attempt_id: string;
  agent_id: string | null;
  code: string;
  fields: ColumnType<unknown, string, string>;
  effect: ColumnType<unknown, string, string>;
  note: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface AttemptNoteTable {
  attempt_id: string;
  agent_id: string;
  body: string;
  version: Generated<number>;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface PromiseTable {
  id: Generated<string>;
  attempt_id: string;
  party_id: string;
  debt_id: string | null;
  amount_minor: bigint;
  currency: string;
  due_on: string;
  state: Generated<'open' | 'kept' | 'broken' | 'cancelled'>;
  agent_id: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface CallbackTable {
  id: Generated<string>;
  campaign_id: string;
  party_id: string;
  phone_id: string | null;
  attempt_id: string;
  at: ColumnType<Temporal.Instant, string, string>;
  agent_id: string | null;
  state: Generated<'open' | 'done' | 'missed' | 'cancelled'>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface EventTable {
  id: GeneratedAlways<bigint | null>;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
  kind: string;
  subject: string;
  subject_id: string;
  actor: string | null;
  body: ColumnType<unknown, string | null | undefined, string | null>;
  salt: Buffer | null;
  leaf: Buffer;
}

export interface OutboxTable {
  id: GeneratedAlways<bigint>;
  job: string;
  key: string;
  payload: ColumnType<unknown, string, string>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  sent_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface HistoryBatchTable {
  number: bigint;
  month: string;
  first_id: bigint;
  last_id: bigint;
  through_id: bigint;
  events: number;
  total: bigint;
  ids: string;
  root: Buffer;
  marks: Buffer;
  previous: Buffer;
  hash: Buffer;
  sealed_at: ColumnType<Temporal.Instant, string, string>;
}

export interface HistoryHeadTable {
  day: string;
  first_batch: bigint;
  last_batch: bigint;
  statement: string;
  signature: Buffer;
  signed_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface RulePackTable {
  pack: string;
  version: number;
  author: string;
  reason: string;
  effective_from: string;
  effective_at: ColumnType<Temporal.Instant, string, string>;
  body: ColumnType<unknown, string, string>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface RuleOverrideTable {
  scope: 'creditor' | 'campaign';
  subject_id: string;
  tightens: string;
  version: number;
  author: string;
  reason: string;
  effective_from: string;
  effective_at: ColumnType<Temporal.Instant, string, string>;
  body: ColumnType<unknown, string, string>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface HolidayTable {
  id: Generated<string>;
  country: string;
  date: string;
  name: string;
  status: 'confirmed' | 'proposed' | 'removed';
  lunar: Generated<boolean>;
  decided_by: string | null;
  decided_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface RuleSetTable {
  only_one: Generated<boolean>;
  version: bigint;
}

export interface ScorecardVersionTable {
  campaign_id: string;
  version: number;
  body: ColumnType<unknown, string, string>;
  note: string;
  created_by: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface UsualBalanceTable {
  campaign_id: string;
  currency: string;
  minor: bigint;
}

export interface RescoreTable {
  campaign_id: string;
  version: number;
  state: Generated<'queued' | 'running' | 'done'>;
  total: Generated<number>;
  done: Generated<number>;
  after_party: Generated<string>;
  started_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface ContactTallyTable {
  party_id: string;
  tries: Generated<number>;
  answers: Generated<number>;
  conversations: Generated<number>;
  hours: ColumnType<unknown, string | undefined, string>;
}

export interface AnswerHourTable {
  segment: string;
  hour: number;
  tries: bigint;
  answers: bigint;
}

export interface PacingMemoryTable {
  campaign_id: string;
  snapshot: Buffer;
  seq: number;
  last_id: number;
  calls: number[];
  agents: number[];
  saved_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

export interface PacingTrialTable {
  id: Generated<string>;
  campaign_id: string;
  asked_by: string;
  state: Generated<'queued' | 'running' | 'done' | 'failed' | 'cancelled'>;
  present: ColumnType<unknown, string, string>;
  proposed: ColumnType<unknown, string, string>;
  progress: Generated<number>;
  result: ColumnType<unknown, string | null | undefined, string | null>;
  asked_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface CampaignCallableTable {
  campaign_id: string;
  figures: ColumnType<unknown, string | null | undefined, string | null>;
  counted_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
  took_ms: Generated<number>;
  claimed_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

export interface SavedSegmentTable {
  id: Generated<string>;
  campaign_id: string;
  name: string;
  body: ColumnType<unknown, string, string>;
  version: Generated<number>;
  changed_by: string | null;
  changed_at: ColumnType<Temporal.Instant, string | undefined, string>;
}
