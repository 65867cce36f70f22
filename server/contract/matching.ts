import { z } from 'zod';

/** Why two people may be one. */
export const MATCH_REASONS = ['same_name_and_phone', 'same_iban', 'same_name_and_address'] as const;

const candidate = z.object({
  id: z.uuid(),
  name: z.string(),
  address: z.string().nullable(),
  /** Has an identifier that passed its check. */
  identified: z.boolean(),
  phones: z.array(z.string()),
  accounts: z.array(z.string()),
});

/** One row of GET /api/v1/match-proposals: two people who may be one. */
export const matchProposal = z.object({ id: z.uuid(), reason: z.enum(MATCH_REASONS), a: candidate, b: candidate });
export type MatchProposal = z.infer<typeof matchProposal>;

/** POST /api/v1/match-proposals/:id/merge: who of the two stays. The answer names the merge, by which it can be undone. */
export const mergeBody = z.object({ keptId: z.uuid() });
export const mergeDone = z.object({ mergeId: z.uuid() });
