import { z } from 'zod';
import type { Problem } from '../../../server/contract/people.ts';

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
  return placed(read.success ? read.data : [problem]);
}

/** Faults that a preview names, without those of fields that are merely not filled in yet. */
export function faultsSeen(faults: readonly { code: string; field: string | null; message: string }[]): PackFault[] {
  return placed(faults.filter((fault) => fault.code !== 'invalid'));
}

function placed(faults: readonly { code: string; field?: string | null | undefined; message: string }[]): PackFault[] {
  // The body of a request holds the rules under a name of their own.
  return faults.map(({ code, field, message }) => ({ code, field: (field ?? '').replace(/^rules\./, ''), message }));
}

/** How many people the rules would block for ever, and where; null for any other refusal. */
export function blockedBy(problem: Problem): { people: number; countries: string[] } | null {
  if (problem.code !== 'blocks_everybody') return null;
  const read = z.object({ people: z.number(), countries: z.array(z.string()) }).safeParse(problem.details);
  return read.success ? read.data : null;
}
