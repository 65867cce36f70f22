/** Says a verdict in words that fit one line, for commands and logs; pages have their own words for the ids. */
import type { Reason, Verdict } from './gate.ts';

/** What stands beside a rule that nobody has verified. */
const UNVERIFIED = 'policy default, unverified';

/**
 * A verdict in one line of English: whether contact is allowed and until when, or what binds, when it ends, and what else forbids.
 * Times are shown in `zone`, an IANA zone.
 */
export function explainVerdict(verdict: Verdict, zone: string): string {
  if (verdict.verdict === 'allow') {
    const until = verdict.closesAt === null ? '' : ` until ${clockIn(verdict.closesAt, zone)}`;
    return `allowed${until} by ${versions(verdict)}${overridden(verdict)}`;
  }
  const { binding, reasons, retryAt } = verdict;
  const others = reasons.filter((reason) => reason !== binding).map(nameOf);
  return (
    [
      `refused: ${binding === null ? 'no reason known' : nameOf(binding)}`,
      ...(others.length === 0 ? [] : [`also ${others.join(', ')}`]),
      retryAt === null ? 'waiting does not help' : `lawful from ${clockIn(retryAt, zone)} if nothing changes`,
    ].join('; ') + overridden(verdict)
  );
}

/** Warnings that a supervisor has overridden, behind what else is said; empty where there is none. */
function overridden({ overridden: warnings }: Verdict): string {
  return warnings.length === 0 ? '' : `; overridden by a supervisor: ${warnings.map(nameOf).join(', ')}`;
}

/** A reason with where it stands: `7in7 (US-REGF v1, 12 CFR …)`. */
function nameOf({ id, pack, version, source, evidence }: Reason): string {
  const known = [`${pack} v${version}`, ...(source === '' ? [] : [source]), ...(evidence === 'V0' ? [UNVERIFIED] : [])];
  return `${id} (${known.join(', ')})`;
}

function clockIn(at: Temporal.Instant, zone: string): string {
  const local = at.toZonedDateTimeISO(zone);
  return `${local.toPlainDate().toString()} ${local.toPlainTime().toString({ smallestUnit: 'minute' })} ${zone}`;
}

function versions({ packVersions }: Verdict): string {
  const named = Object.entries(packVersions).map(([pack, version]) => `${pack} v${version}`);
  return named.length === 0 ? 'no pack' : named.join(', ');
}
