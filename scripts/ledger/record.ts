import type { AnswerRule } from '../../server/contract/abandonment.ts';
import type { RecordedEvent } from '../../server/telephony/port.ts';

/**
 * The share of abandoned calls from the switch's own record, without a look at the database's stamps or the rules that wrote them: what
 * anybody with the record and the rule in words could do with pencil and paper.
 */

/** Stamps of the record and of the ledger are taken by different threads of the switch. */
const NEAR_MS = 30;

/** How one leg counts by the record. */
export interface RecordedCount {
  answered: boolean;
  abandoned: boolean;
}

/** Counts each of these legs that was answered; `ruleOf`: the rule in force for it. */
export function countByRecord(
  events: readonly RecordedEvent[],
  legIds: Iterable<string>,
  ruleOf: (legId: string) => AnswerRule,
): Map<string, RecordedCount> {
  const byLeg = Map.groupBy(events, (event) => event.legId);
  const counts = new Map<string, RecordedCount>();
  for (const legId of legIds) {
    const count = countLeg(byLeg.get(legId) ?? [], ruleOf(legId));
    if (count !== null) counts.set(legId, count);
  }
  return counts;
}

function countLeg(events: readonly RecordedEvent[], rule: AnswerRule): RecordedCount | null {
  const first = (...types: string[]): RecordedEvent | undefined => events.find((event) => types.includes(event.type));
  const answer = first('ANSWER');
  if (!answer) return null;
  const verdict = first('SCREENED');
  if (verdict !== undefined && /^MACHINE:(?!INITIALSILENCE)/.test(verdict.extra)) return { answered: false, abandoned: false };
  const silence = /^HUMAN:HUMAN-\d+-(\d+)/.exec(verdict?.extra ?? '')?.[1];
  const greetingEnded = verdict === undefined || silence === undefined ? answer.stampMs : verdict.stampMs - Number(silence);
  const from = rule.clockStart === 'greeting_end' ? Math.max(answer.stampMs, greetingEnded) : answer.stampMs;
  const deadline = from + rule.connectWithinMs;
  const agent = first('BRIDGE_ENTER');
  if (agent) return { answered: true, abandoned: agent.stampMs > deadline };
  if (first('MESSAGE', 'CUT')) return { answered: true, abandoned: true };
  const hangup = first('HANGUP');
  const left = hangup !== undefined && hungUpThere(hangup) && hangup.stampMs <= deadline - NEAR_MS;
  return { answered: true, abandoned: !left };
}

/** Whether the far end hung up: the record then names our leg to it as the source. */
function hungUpThere({ extra, channel }: RecordedEvent): boolean {
  try {
    const { hangupsource } = JSON.parse(extra) as { hangupsource?: unknown };
    return hangupsource === channel;
  } catch {
    return false;
  }
}
