/** Reasons behind which stand rules that nobody has verified (V0), to be said wherever such a reason is shown. */
import type { UnverifiedReasons } from '../contract/guidance.ts';
import type { Evidence } from '../contract/rule-terms.ts';
import type { AppliedRules } from './applied.ts';

/** By reason whether all rules of its name are unverified, or some; those that are known are left out. `sets`: rules of several places. */
export function unverifiedReasons(sets: readonly AppliedRules[]): UnverifiedReasons {
  const found = new Map<string, { unverified: boolean; known: boolean }>();
  for (const [reason, evidence] of sets.flatMap(evidenceOfCalls)) {
    const { unverified = false, known = false } = found.get(reason) ?? {};
    found.set(reason, { unverified: unverified || evidence === 'V0', known: known || evidence !== 'V0' });
  }
  return Object.fromEntries(
    [...found].flatMap(([reason, { unverified, known }]) => (unverified ? [[reason, known ? 'some' : 'all']] : [])),
  );
}

/** Every name under which the rules may refuse a call, and how well the rule is known. */
function evidenceOfCalls(rules: AppliedRules): [reason: string, evidence: Evidence][] {
  const { windows, caps, cooloffs, holds, deniedChannels, deniedNumberTypes, abandonment } = rules;
  const channel = deniedChannels.get('call');
  return [
    ...windows.call.map(({ reason, origin }): [string, Evidence] => [reason, origin.evidence]),
    ...windows.call.map(({ origin }): [string, Evidence] => ['no_common_window', origin.evidence]),
    ...[...caps, ...cooloffs].map(({ rule, origin }): [string, Evidence] => [rule.id, origin.evidence]),
    ...[...holds].flatMap(([flag, named]) => named.map(({ origin }): [string, Evidence] => [flag, origin.evidence])),
    ...(channel === undefined ? [] : [['channel', channel.evidence] as [string, Evidence]]),
    ...[...deniedNumberTypes.values()].map((origin): [string, Evidence] => ['number_type', origin.evidence]),
    // Without hours of its own the rule refuses nobody.
    ...(abandonment.redialBlockHours === 0 ? [] : abandonment.origins).map((origin): [string, Evidence] => [
      'redial_block',
      origin.evidence,
    ]),
  ];
}
