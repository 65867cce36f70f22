import { sql } from 'kysely';
import { countOf, judgeAnswer, type LegalCount } from '../../../server/compliance/ledger/rules.ts';
import type { AnswerRule } from '../../../server/contract/abandonment.ts';
import type { Database } from '../../../server/kernel/database.ts';
import { readScreening } from '../../../server/telephony/screening.ts';
import type { RecordedEvent } from '../../../server/telephony/port.ts';
import { trunkEndpoint } from '../../../server/telephony/trunk.ts';

/** How a campaign's answered calls count, by attempt. */
export type Counts = ReadonlyMap<string, LegalCount>;

/** The ledger's own counts, as they stand before anybody's correction. */
export async function readLedger(database: Database, campaignId: string): Promise<Counts> {
  const { rows } = await sql<{ id: string } & LegalCount>`
    select attempt_id as id, answered, abandoned from abandonment_ledger where campaign_id = ${campaignId}`.execute(database);
  return new Map(rows.map(({ id, answered, abandoned }) => [id, { answered, abandoned }]));
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
  const counts = new Map<string, LegalCount>();
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
      hungUpByUs: false,
      trouble: cut ? 'cut_without_message' : null,
    });
    counts.set(legId, countOf(entry.cause, rule, null));
  }
  return counts;
}

/** The calls that count otherwise in one than in the other; a call that only one of them knows counts as none in the other. */
export function differing(one: Counts, other: Counts): string[] {
  const none: LegalCount = { answered: false, abandoned: false };
  return [...new Set([...one.keys(), ...other.keys()])].filter((id) => {
    const [a, b] = [one.get(id) ?? none, other.get(id) ?? none];
    return a.answered !== b.answered || a.abandoned !== b.abandoned;
  });
}

/** Abandoned of those answered, 0–1. */
export function rateOf(counts: Counts): number {
  const answered = [...counts.values()].filter((count) => count.answered).length;
  const abandoned = [...counts.values()].filter((count) => count.abandoned).length;
  return answered === 0 ? 0 : abandoned / answered;
}
