import type { WrittenCall } from '../../server/compliance/ledger/store.ts';
import type { AnswerRule } from '../../server/contract/abandonment.ts';

/** A window counted anew from the switch's record. */
export interface Recount {
  answered: number;
  abandoned: number;
  /** Attempts that count differently by the record. */
  differing: string[];
}

/** One call with its stamps, in ISO form. */
interface Evidence {
  attemptId: string;
  cause: string;
  answered: boolean;
  abandoned: boolean;
  answeredAt: string;
  greetingEndedAt: string | null;
  deadlineAt: string;
  agentAt: string | null;
  messageAt: string | null;
  endedAt: string | null;
  detection: string | null;
  corrected: string | null;
}

/** What the command found of a campaign. */
export interface FoundLedger {
  name: string;
  campaign: { id: string; name: string };
  rule: AnswerRule;
  since: string;
  until: string;
  answered: number;
  abandoned: number;
  rate: number;
  allowed: number;
  causes: Record<string, number>;
  corrected: number;
  /** Null where the record cannot be read from here. */
  record: Recount | null;
  evidence: Evidence[];
}

/** A call of the ledger as evidence. */
export function evidenceOf(call: WrittenCall): Evidence {
  const { attemptId, cause, detection, corrected, answered, abandoned } = call;
  const time = (ms: number): string => new Date(ms).toISOString();
  const maybe = (ms: number | null): string | null => (ms === null ? null : time(ms));
  return {
    attemptId,
    cause,
    answered,
    abandoned,
    answeredAt: time(call.answeredMs),
    greetingEndedAt: maybe(call.greetingEndedMs),
    deadlineAt: time(call.deadlineMs),
    agentAt: maybe(call.agentMs),
    messageAt: maybe(call.messageMs),
    endedAt: maybe(call.endedMs),
    detection,
    corrected,
  };
}

/** The share, what it is made of, and each call of the evidence on a line. */
export function wordsOf(found: FoundLedger): string {
  const { campaign, answered, abandoned, rate, allowed, rule, causes } = found;
  const lines = [
    `${campaign.name}: ${abandoned} of ${answered} abandoned, ${percent(rate)} against a cap of ${percent(rule.cap)} (${allowed} allowed)`,
    `  ${rule.window}, ${found.since} to ${found.until}; an agent within ${rule.connectWithinMs / 1_000} s from ${rule.clockStart}`,
    ...Object.entries(causes).flatMap(([cause, count]) => (count === 0 ? [] : [counted(count, cause)])),
    counted(found.corrected, 'corrected by whoever listened'),
    `  ${recountWords(found.record)}`,
    ...found.evidence.map(callWords),
  ];
  return `${lines.join('\n')}\n`;
}

function recountWords(record: Recount | null): string {
  if (record === null) return 'the switch’s record cannot be read from here';
  const { answered, abandoned, differing } = record;
  const verdict = differing.length === 0 ? 'the same' : `${differing.length} differ (${differing.join(', ')})`;
  return `by the switch’s record ${abandoned} of ${answered}: ${verdict}`;
}

function callWords({ attemptId, cause, corrected, answeredAt, deadlineAt, agentAt, messageAt }: Evidence): string {
  const who = corrected === null ? cause : `${cause}, which was a ${corrected}`;
  return `  ${attemptId}  ${who}  answered ${answeredAt}  deadline ${deadlineAt}  agent ${agentAt ?? '—'}  message ${messageAt ?? '—'}`;
}

function counted(count: number, what: string): string {
  return `  ${String(count).padStart(6)}  ${what}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
