import { z } from 'zod';
import { EVIDENCE_LEVELS, HOLD_BLOCKS } from './rule-terms.ts';

/** What the rules that bind contact with a person ask of whoever speaks with them or writes into their file. */

/** What a hold may be placed for by hand whatever the packs say; each stops all contact unless a pack says what less it stops. */
export const HOLD_KINDS = [
  'cease',
  'do_not_call',
  'dispute',
  'attorney',
  'hardship',
  'deceased',
  'bankrupt',
  'breathing_space',
] as const;

/** What a debtor may say in a call has an outcome of its own for these. */
export const HOLDS_OF_OUTCOMES: ReadonlySet<string> = new Set(['do_not_call', 'dispute', 'hardship', 'deceased']);

/** Where a rule stands and how well it is known. `pack` null: no pack, the house's own rule. */
const known = {
  pack: z.string().nullable(),
  version: z.number().int(),
  evidence: z.enum(EVIDENCE_LEVELS),
  source: z.string(),
};

/** A hold that may be placed for the person. `note` and `until` are the pack's own words, `until` when it ends by law. */
export const holdKind = z.object({
  kind: z.string(),
  blocks: z.enum(HOLD_BLOCKS),
  ...known,
  until: z.string().nullable(),
  note: z.string().nullable(),
});
export type HoldKind = z.infer<typeof holdKind>;

/** By reason whether all rules of its name are policy defaults that nobody has verified (V0), or some of them; others are left out. */
export const unverifiedReasons = z.record(z.string(), z.enum(['all', 'some']));
export type UnverifiedReasons = z.infer<typeof unverifiedReasons>;

/** `disclosures`: what is to be said, and when, in the packs' words; `forbiddenWords` are never to be used. `warnings` may be overridden. */
export const guidance = z.object({
  disclosures: z.array(z.object({ when: z.string(), text: z.string(), ...known })),
  forbiddenWords: z.array(z.object({ words: z.array(z.string()), ...known })),
  holds: z.array(holdKind),
  warnings: z.array(z.object({ rule: z.string(), ...known })),
  unverified: unverifiedReasons,
});
export type Guidance = z.infer<typeof guidance>;
