import { sql } from 'kysely';
import { countOf, judgeAnswer, type LegalCount } from '../../../server/compliance/ledger/rules.ts';
import type { AnswerRule } from '../../../server/contract/abandonment.ts';
import type { Database } from '../../../server/kernel/database.ts';
import { readScreening } from '../../../server/telephony/screening.ts';
import type { RecordedEvent } from '../../../server/telephony/port.ts';
import { trunkEndpoint } from '../../../server/telephony/trunk.ts';

/** How a campaign's answered calls count, by attempt, and why. */
export type Counts = ReadonlyMap<string, LegalCount & { cause: string; detection: string | null }>;

/** The ledger's own counts, as they stand before anybody's correction. */
export async function readLedger(database: Database, campaignId: string): Promise<Counts> {
  const { rows } = await sql<{ id: string; cause: string; detection: string | null } & LegalCount>`
    select attempt_id as id, answered, abandoned, cause, detection from abandonment_ledger where campaign_id = ${campaignId}`.execute(
    database,
  );
  return new Map(rows.map(({ id, ...count }) => [id, count]));
}

/** The same counts, from nothing but what the switch recorded of the trunk's legs and the rule. */
export function countRecord(events: readonly RecordedEvent[], trunk: string, rule: AnswerRule): Counts {
  const legs = new Map<string, { [type: string]: RecordedEvent }>();
  for (const event of events) {
    if (!event.channel.startsWith(`PJSIP/${trunkEndpoint(trunk)}-`)) continue;
    const leg = legs.get(event.legId) ?? {};
    leg[event.type] ??= event;
    legs.set(event.legId, leg);
  }
  const counts = new Map<string, LegalCount & { cause: string; detection: string | null }>();
  for (const [legId, leg] of legs) {
    const { ANSWER: answer, SCREENED: screened, BRIDGE_ENTER: joined, MESSAGE: message, CUT: cut, CHAN_END: ended } = leg;
    if (!answer) continue;
    const [status = '', cause = ''] = screened?.extra.split(':') ?? [];
    const entry = judgeAnswer({
      rule,
      direction: 'outbound',
      answeredMs: answer.stampMs,
      screening: screened ? { ...readScreening(status, cause), atMs: screened.stampMs } : null,
      agentMs: joined?.stampMs ?? null,
      messageMs: message?.stampMs ?? null,
      endedMs: ended?.stampMs ?? null,
      hungUpByUs: !hungUpThere(leg['HANGUP']),
      trouble: cut ? 'cut_without_message' : null,
    });
    counts.set(legId, { ...countOf(entry.cause, rule, null), cause: entry.cause, detection: screened ? cause : null });
  }
  return counts;
}

/** Whether the far end hung up: the record then names our leg to it as the source. */
function hungUpThere(hangUp: RecordedEvent | undefined): boolean {
  try {
    const { hangupsource } = JSON.parse(hangUp?.extra ?? '') as { hangupsource?: unknown };
    return hangupsource === hangUp?.channel;
  } catch {
    return false;
  }
}

/** The calls that count otherwise in one than in the other; a call that only one of them knows counts as none in the other. */
export function differing(one: Counts, other: Counts): string[] {
  const none: LegalCount = { answered: false, abandoned: false };
  return [...new Set([...one.keys(), ...other.keys()])].filter((id) => {
    const [a, b] = [one.get(id) ?? none, other.get(id) ?? none];
    return a.answered !== b.answered || a.abandoned !== b.abandoned;
  });
}

/** How many calls ended in each way, by what detection said of them. */
export function byCause(counts: Counts): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { cause, detection } of counts.values()) {
    const name = `${cause} ${detection?.split('-')[0] ?? '—'}`;
    found[name] = (found[name] ?? 0) + 1;
  }
  return found;
}

/** Abandoned of those answered, 0–1. */
export function rateOf(counts: Counts): number {
  const answered = [...counts.values()].filter((count) => count.answered).length;
  const abandoned = [...counts.values()].filter((count) => count.abandoned).length;
  return answered === 0 ? 0 : abandoned / answered;
}
