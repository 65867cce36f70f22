import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { Language } from '../../contract/people.ts';
import type { TestCallResult } from '../../contract/trunks.ts';

/** What is worked down: campaigns, their queue and scores, the floors and trunks they use. */
export interface CampaignTables {
  floor: FloorTable;
  trunk: TrunkTable;
  trunk_test: TrunkTestTable;
  trunk_share: TrunkShareTable;
  campaign: CampaignTable;
  campaign_agent: CampaignAgentTable;
  campaign_debt: CampaignDebtTable;
  campaign_callable: CampaignCallableTable;
  pacing_memory: PacingMemoryTable;
  abandonment_rule: AbandonmentRuleTable;
  campaign_message: CampaignMessageTable;
  pacing_trial: PacingTrialTable;
  saved_segment: SavedSegmentTable;
  dial_queue: DialQueueTable;
  scorecard_version: ScorecardVersionTable;
  usual_balance: UsualBalanceTable;
  rescore: RescoreTable;
  contact_tally: ContactTallyTable;
  answer_hour: AnswerHourTable;
}

interface FloorTable {
  id: string;
  owner: string | null;
  epoch: Generated<bigint>;
  expires_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
}

interface TrunkTable {
  name: string;
  kind: 'demo' | 'real';
  uri: string;
  armed: Generated<boolean>;
  channel_limit: number;
  calls_per_second: ColumnType<string, string | number, string | number>;
  account_digest: string | null;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface TrunkShareTable {
  trunk: string;
  floor_id: string;
  channels: number;
  calls_per_second: number;
  wants: boolean;
  until: ColumnType<Temporal.Instant, string, string>;
}

interface TrunkTestTable {
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

interface CampaignTable {
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

interface CampaignAgentTable {
  campaign_id: string;
  user_id: string;
}

interface CampaignDebtTable {
  campaign_id: string;
  debt_id: string;
}

interface CampaignCallableTable {
  campaign_id: string;
  figures: ColumnType<unknown, string | null | undefined, string | null>;
  counted_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
  took_ms: Generated<number>;
  claimed_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface AbandonmentRuleTable {
  campaign_id: string;
  since: ColumnType<Temporal.Instant, string | undefined, string>;
  rule: ColumnType<unknown, string, string>;
}

interface PacingMemoryTable {
  campaign_id: string;
  snapshot: Buffer;
  seq: number;
  last_id: number;
  calls: number[];
  agents: number[];
  saved_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface CampaignMessageTable {
  id: Generated<string>;
  campaign_id: string;
  language: Language;
  version: number;
  file_name: string;
  sha256: string;
  duration_ms: number;
  uploaded_by: string;
  uploaded_at: ColumnType<Temporal.Instant, string | undefined, string>;
  in_force: Generated<boolean>;
}

interface PacingTrialTable {
  id: Generated<string>;
  /** Null: tried before its campaign was made. */
  campaign_id: string | null;
  asked_by: string;
  state: Generated<'queued' | 'running' | 'done' | 'failed' | 'cancelled'>;
  present: ColumnType<unknown, string, string>;
  proposed: ColumnType<unknown, string, string>;
  progress: Generated<number>;
  result: ColumnType<unknown, string | null | undefined, string | null>;
  asked_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface SavedSegmentTable {
  id: Generated<string>;
  campaign_id: string;
  name: string;
  body: ColumnType<unknown, string, string>;
  /** Its debtors' band in the queue. */
  priority: Generated<number>;
  version: Generated<number>;
  changed_by: string | null;
  changed_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface DialQueueTable {
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
  /** How often attempts ended in each way. */
  endings: ColumnType<unknown, string | undefined, string>;
  /** `phone_id` comes last, since another number is next. */
  phone_last: Generated<boolean>;
  /** The band outside callbacks. */
  priority: Generated<number>;
  /** Whether an agent has spoken with somebody there (1), and with the debtor (2). */
  reached: Generated<number>;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
  /** Per cent of the score at this hour. */
  hour_share: Generated<number>;
  /** What the queue goes by: the score's share at this hour. */
  standing: GeneratedAlways<number>;
}

interface ScorecardVersionTable {
  campaign_id: string;
  version: number;
  body: ColumnType<unknown, string, string>;
  note: string;
  created_by: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface UsualBalanceTable {
  campaign_id: string;
  currency: string;
  minor: bigint;
}

interface RescoreTable {
  campaign_id: string;
  version: number;
  state: Generated<'queued' | 'running' | 'done'>;
  total: Generated<number>;
  done: Generated<number>;
  after_party: Generated<string>;
  started_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface ContactTallyTable {
  party_id: string;
  tries: Generated<number>;
  answers: Generated<number>;
  conversations: Generated<number>;
  hours: ColumnType<unknown, string | undefined, string>;
}

interface AnswerHourTable {
  segment: string;
  hour: number;
  tries: bigint;
  answers: bigint;
}
