import { z } from 'zod';
import { EVIDENCE_LEVELS } from '../../../server/contract/rule-terms.ts';
import type { LawCap } from '../../../server/contract/packs.ts';
import type { Problem } from '../../../server/contract/people.ts';
import type { HoursDraft } from '../admin/campaign-draft.ts';

const evidence = z.enum(EVIDENCE_LEVELS);
const hoursRule = z.looseObject({
  days: z.array(z.number()),
  from: z.string().nullable(),
  to: z.string().nullable(),
  channels: z.union([z.literal('all'), z.array(z.string())]),
  evidence,
});
const capRule = z.looseObject({
  id: z.string().optional(),
  scope: z.string(),
  max: z.number().nullable(),
  days: z.number().optional(),
  minutes: z.number().optional(),
  evidence,
});
const rulesShape = z.looseObject({ hours: z.array(hoursRule).default([]), caps: z.array(capRule).default([]) });

export type PackHours = HoursDraft & z.infer<typeof hoursRule>;
export type PackCap = z.infer<typeof capRule>;

/** A pack's rules while they are edited: hours and caps by fields, everything else as the data it is. */
export interface PackDraft {
  hours: PackHours[];
  caps: PackCap[];
  /** JSON */
  rest: string;
}

/** Rules as the editor begins with them. */
export function draftOfRules(rules: Readonly<Record<string, unknown>>): PackDraft {
  const { hours, caps, ...rest } = rulesShape.parse(rules);
  return { hours, caps, rest: JSON.stringify(rest, null, 2) };
}

/** The rules as they are sent, or null where the data are no JSON object. */
export function rulesOfDraft({ hours, caps, rest }: PackDraft): Record<string, unknown> | null {
  try {
    const others = z.record(z.string(), z.unknown()).parse(JSON.parse(rest));
    return { ...others, hours, caps };
  } catch {
    return null;
  }
}

/** Windows after a change; a new one is for the same channels as the first, and nobody has verified it. */
export function hoursAfter(before: readonly PackHours[], changed: readonly HoursDraft[]): PackHours[] {
  const channels = before[0]?.channels ?? 'all';
  return changed.map((window) => ({ channels, evidence: 'V0', source: '', ...window }) as PackHours);
}

/** A cap of the law as one of one's own, to be made stricter. Its words are the law's, its figure nobody has verified. */
export function capOfLaw({ rule }: LawCap): PackCap {
  const { note: _note, source: _source, ...cap } = capRule.parse(rule);
  return { ...cap, source: '', evidence: 'V0' };
}

/** One thing that is wrong with the rules: `field` is a path such as `hours.0.to`. */
export interface PackFault {
  code: string;
  field: string;
  message: string;
}

/** The key of a fault's words. A key that ends in `_zero` would be a plural form. */
export function faultKey(code: string): string {
  return `packFault.${code === 'cap_of_zero' ? 'no_calls' : code}`;
}

const faultsShape = z.array(z.object({ code: z.string(), field: z.string().nullable().default(null), message: z.string() }));

/** All that a refusal says is wrong; the first alone where it says no more. */
export function packFaultsOf(problem: Problem): PackFault[] {
  const read = faultsShape.safeParse(problem.details?.['faults']);
  const faults = read.success ? read.data : [problem];
  return faults.map(({ code, field, message }) => ({ code, field: field ?? '', message }));
}

/** How many people the rules would block for ever, and where; null for any other refusal. */
export function blockedBy(problem: Problem): { people: number; countries: string[] } | null {
  if (problem.code !== 'blocks_everybody') return null;
  const read = z.object({ people: z.number(), countries: z.array(z.string()) }).safeParse(problem.details);
  return read.success ? read.data : null;
}
