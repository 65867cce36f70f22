import type { ColumnType, Generated } from 'kysely';
import type { DoNotCallBlocks, DoNotCallSource } from '../../contract/do-not-call.ts';
import type { LedgerCause } from '../../contract/abandonment.ts';
import type { InboundResult } from '../../contract/inbound.ts';

/** Contact attempts, who had part in them, and what came of them. */
export interface ContactTables {
  contact_attempt: ContactAttemptTable;
  conversation_debt: ConversationDebtTable;
  live_contact: LiveContactTable;
  abandonment_ledger: AbandonmentLedgerTable;
  call_off: CallOffTable;
  do_not_call: DoNotCallTable;
  do_not_call_list: DoNotCallListTable;
  call_leg: CallLegTable;
  agent_state: AgentStateTable;
  segment: SegmentTable;
  outcome: OutcomeTable;
  attempt_note: AttemptNoteTable;
  promise: PromiseTable;
  callback: CallbackTable;
  inbound_call: InboundCallTable;
  voicemail: VoicemailTable;
}

interface ContactAttemptTable {
  id: string;
  channel: Generated<string>;
  direction: Generated<'outbound' | 'inbound'>;
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

interface ConversationDebtTable {
  attempt_id: string;
  debt_id: string;
  party_id: string;
  at: ColumnType<Temporal.Instant, string, string>;
}

interface LiveContactTable {
  party_id: string;
  phone_id: string;
  attempt_id: string;
  channel: string;
  since: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface AbandonmentLedgerTable {
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

/** Unanswered calls that may go on no longer. */
interface CallOffTable {
  attempt_id: string;
  floor_id: string;
  reason: string;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

/** Numbers on which nobody is called. */
interface DoNotCallTable {
  /** The list, or the call in which it was said. */
  source_id: string;
  e164: string;
  said_at: ColumnType<Temporal.Instant, string, never>;
  blocks: Generated<DoNotCallBlocks>;
  expires_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
}

interface DoNotCallListTable {
  id: Generated<string>;
  name: string;
  source: DoNotCallSource;
  blocks: DoNotCallBlocks;
  country: string;
  until: string | null;
  expires_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
  file_name: string;
  file_path: string;
  file_digest: string | null;
  errors_path: string;
  dry_run: Generated<boolean>;
  demo: Generated<boolean>;
  state: Generated<'queued' | 'running' | 'done' | 'failed'>;
  progress: ColumnType<unknown, string | undefined, string>;
  result: ColumnType<unknown, string | null | undefined, string | null>;
  error: ColumnType<unknown, string | null | undefined, string | null>;
  created_by: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  lifted_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  lifted_by: string | null;
}

interface CallLegTable {
  id: string;
  attempt_id: string;
  trunk: string;
  node: string;
  cause: number | null;
  tech_cause: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface AgentStateTable {
  agent_id: string;
  floor_id: string;
  epoch: bigint;
  seq: bigint;
  state: string;
  body: ColumnType<unknown, string, string>;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface SegmentTable {
  id: Generated<string>;
  attempt_id: string;
  agent_id: string;
  from_at: ColumnType<Temporal.Instant, string, string>;
  to_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface OutcomeTable {
  attempt_id: string;
  agent_id: string | null;
  code: string;
  fields: ColumnType<unknown, string, string>;
  effect: ColumnType<unknown, string, string>;
  note: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface AttemptNoteTable {
  attempt_id: string;
  agent_id: string;
  body: string;
  version: Generated<number>;
  updated_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface PromiseTable {
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

interface CallbackTable {
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

interface InboundCallTable {
  id: string;
  leg_id: string;
  floor_id: string;
  campaign_id: string | null;
  called: string;
  number: string | null;
  phone_id: string | null;
  candidates: Generated<string[]>;
  party_id: string | null;
  trunk: string;
  agent_id: string | null;
  entered_at: ColumnType<Temporal.Instant, string, never>;
  connected_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  result: InboundResult | null;
  outcome: string | null;
  note: string | null;
  voicemail_seconds: number | null;
  voicemail_deleted_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  handled_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  handled_by: string | null;
}

interface VoicemailTable {
  call_id: string;
  /** See `kernel/sealed-bytes.ts`. */
  sealed: Buffer;
}
