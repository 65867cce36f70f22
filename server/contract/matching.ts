import { z } from 'zod';

/** Why two people may be one. */
export const MATCH_REASONS = ['same_name_and_phone', 'same_iban', 'same_name_and_address'] as const;

/** What two people are compared by. */
export const MATCH_FIELDS = ['name', 'identity', 'phones', 'ibans', 'address', 'country', 'language'] as const;
export type MatchField = (typeof MATCH_FIELDS)[number];

/** `unknown`: one of the two says nothing of it, or nothing that can be compared. */
export const AGREEMENTS = ['agrees', 'differs', 'unknown'] as const;
export type Agreement = (typeof AGREEMENTS)[number];

const candidate = z.object({
  id: z.uuid(),
  name: z.string(),
  country: z.string(),
  language: z.string().nullable(),
  address: z.string().nullable(),
  /** The kind of the identifier that passed its check; null where there is none. */
  identityKind: z.string().nullable(),
  phones: z.array(z.string()),
  ibans: z.array(z.string()),
  debts: z.array(z.object({ creditor: z.string(), account: z.string(), balanceMinor: z.string(), currency: z.string() })),
});
export type Candidate = z.infer<typeof candidate>;

/** Two people who may be one, and where they agree. */
export const matchProposal = z.object({
  id: z.uuid(),
  reason: z.enum(MATCH_REASONS),
  a: candidate,
  b: candidate,
  agreement: z.record(z.enum(MATCH_FIELDS), z.enum(AGREEMENTS)),
});
export type MatchProposal = z.infer<typeof matchProposal>;

/** A merge by hand. `undoneAt`: it was taken back. */
const mergeRow = z.object({
  id: z.uuid(),
  keptId: z.uuid(),
  keptName: z.string(),
  goneName: z.string(),
  by: z.string().nullable(),
  at: z.string(),
  undoneAt: z.string().nullable(),
});
export type MergeRow = z.infer<typeof mergeRow>;

/** GET /api/v1/match-proposals: how many wait and were decided, the oldest that wait, and the last merges. */
export const matchList = z.object({
  open: z.number().int(),
  merged: z.number().int(),
  apart: z.number().int(),
  proposals: z.array(matchProposal),
  merges: z.array(mergeRow),
});
export type MatchList = z.infer<typeof matchList>;

/**
 * POST /api/v1/match-proposals/:id/merge: who of the two stays. The answer names the merge, by which it can be undone, and says how many calls
 * to them that nobody had answered yet are ended.
 */
export const mergeBody = z.object({ keptId: z.uuid() });
export const mergeDone = z.object({ mergeId: z.uuid(), calledOff: z.number().int() });
