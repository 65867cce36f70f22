import { z } from 'zod';

/** What must not happen and somebody must look at. `cut_without_message`: somebody answered and was cut without hearing a word. */
export const INCIDENT_KINDS = ['cut_without_message'] as const;

export const incident = z.object({
  attemptId: z.uuid(),
  kind: z.enum(INCIDENT_KINDS),
  at: z.string(),
  campaignId: z.uuid(),
  campaignName: z.string(),
  partyId: z.uuid(),
  /** The agent who was kept for the call and was lost, where there was one. */
  agentName: z.string().nullable(),
});
export type Incident = z.infer<typeof incident>;

/** The incidents of a floor's last 24 hours, newest first: how many, and as many of them as fit a screen. */
export const incidents = z.object({ total: z.number().int(), newest: z.array(incident) });
export type Incidents = z.infer<typeof incidents>;
