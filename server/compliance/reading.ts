/** Reads packs and overrides that people wrote, and names what is wrong with them. */
import type { z } from 'zod';
import { PackFault } from './catalogue.ts';
import { PACK_FAULTS } from '../contract/rule-terms.ts';
import { overrideSchema, rulePackSchema, type RuleOverride, type RulePack } from './packs.ts';

/** What was read, or everything that keeps it from being used. */
export type Reading<Item> = { item: Item; faults: null } | { item: null; faults: readonly PackFault[] };

/** Reads a pack; each fault has its code and the field it is about. */
export function readPack(data: unknown): Reading<RulePack> {
  return readingOf(rulePackSchema.safeParse(data));
}

/** Reads what a creditor or campaign adds to a pack. Whether it loosens is asked of `looseningsOf`. */
export function readOverride(data: unknown): Reading<RuleOverride> {
  return readingOf(overrideSchema.safeParse(data));
}

function readingOf<Item>(read: z.ZodSafeParseResult<Item>): Reading<Item> {
  return read.success ? { item: read.data, faults: null } : { item: null, faults: read.error.issues.map(faultOf) };
}

function faultOf(issue: z.core.$ZodIssue): PackFault {
  const named: unknown = issue.code === 'custom' ? issue.params?.['fault'] : undefined;
  const code = PACK_FAULTS.find((each) => each === named) ?? 'invalid';
  const field = issue.path.map(String).join('.');
  return new PackFault(code, issue.message, field === '' ? null : field);
}
