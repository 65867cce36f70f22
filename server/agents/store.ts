import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { Schema } from '../kernel/schema.ts';
import { AGENT_STATES, pauseReason, type AgentState } from '../contract/desk.ts';

/** What of an agent's desk outlives the dialer: enough to put the agent back where they were. */
export const savedDesk = z.object({
  state: z.enum(AGENT_STATES),
  reason: pauseReason.nullable(),
  sinceMs: z.number(),
  attemptId: z.uuid().nullable(),
  pauseAfterCall: pauseReason.nullable(),
  logOutAfterCall: z.boolean(),
  campaignId: z.uuid().nullable(),
  legId: z.uuid().nullable(),
  bridgeId: z.uuid().nullable(),
});
export type SavedDesk = z.infer<typeof savedDesk>;

/** An agent as the floor needs them: who they are, their station, whom they may serve. */
export interface AgentProfile {
  agentId: string;
  displayName: string;
  stationKind: 'browser' | 'sip';
  campaigns: { id: string; name: string; state: string }[];
}

/** Reads one agent, or null when there is none or they are disabled. */
export async function readAgent(database: Kysely<Schema>, agentId: string): Promise<AgentProfile | null> {
  const user = await database
    .selectFrom('app_user')
    .select(['id', 'display_name', 'station_kind'])
    .where('id', '=', agentId)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  if (!user) return null;
  const campaigns = await database
    .selectFrom('campaign_agent')
    .innerJoin('campaign', 'campaign.id', 'campaign_agent.campaign_id')
    .select(['campaign.id', 'campaign.name', 'campaign.state'])
    .where('campaign_agent.user_id', '=', agentId)
    .where('campaign.state', '!=', 'ended')
    .orderBy('campaign.name')
    .execute();
  return { agentId: user.id, displayName: user.display_name, stationKind: user.station_kind, campaigns };
}

/** Writes an agent's desk behind the floor's memory. An older epoch or sequence never overwrites a newer one. */
export async function saveDesk(
  database: Kysely<Schema>,
  row: { agentId: string; floorId: string; epoch: bigint; seq: number; desk: SavedDesk },
): Promise<void> {
  const values = {
    floor_id: row.floorId,
    epoch: row.epoch,
    seq: BigInt(row.seq),
    state: row.desk.state,
    body: JSON.stringify(row.desk),
  };
  await database
    .insertInto('agent_state')
    .values({ agent_id: row.agentId, ...values })
    .onConflict((conflict) =>
      conflict
        .column('agent_id')
        .doUpdateSet(values)
        .where((eb) =>
          eb.or([
            eb('agent_state.epoch', '<', row.epoch),
            eb.and([eb('agent_state.epoch', '=', row.epoch), eb('agent_state.seq', '<', BigInt(row.seq))]),
          ]),
        ),
    )
    .execute();
}

/** The desks of a floor that were not off duty when last written. */
export async function readDesks(
  database: Kysely<Schema>,
  floorId: string,
): Promise<{ agentId: string; seq: number; desk: SavedDesk }[]> {
  const rows = await database
    .selectFrom('agent_state')
    .select(['agent_id', 'seq', 'body'])
    .where('floor_id', '=', floorId)
    .where('state', '!=', 'offline' satisfies AgentState)
    .execute();
  return rows.map((row) => ({ agentId: row.agent_id, seq: Number(row.seq), desk: savedDesk.parse(row.body) }));
}

/** Opens an agent's part of a call. Repeating it changes nothing. */
export async function openSegment(
  database: Kysely<Schema>,
  attemptId: string,
  agentId: string,
  from: Temporal.Instant,
): Promise<void> {
  await database
    .insertInto('segment')
    .values({ attempt_id: attemptId, agent_id: agentId, from_at: from.toString() })
    .onConflict((conflict) => conflict.columns(['attempt_id', 'agent_id', 'from_at']).doNothing())
    .execute();
}

/** Closes every open part of a call. */
export async function closeSegments(database: Kysely<Schema>, attemptId: string, to: Temporal.Instant): Promise<void> {
  await database
    .updateTable('segment')
    .set({ to_at: to.toString() })
    .where('attempt_id', '=', attemptId)
    .where('to_at', 'is', null)
    .execute();
}
