import { sql, type Kysely } from 'kysely';
import { z } from 'zod';
import { named } from '../kernel/statements.ts';
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
  /** ISO 639-1; none stated: all. */
  languages: readonly string[];
  skills: readonly string[];
  /** A supervisor: serves no campaign, and is given what may hear no message and has lost its agent. */
  standsBy: boolean;
  /** Of the demo: never with a real debtor. */
  demo: boolean;
  campaigns: { id: string; name: string; state: string }[];
}

/** Reads one agent, or supervisor who stands by; null when there is none, they are disabled or neither (any more). */
export async function readAgent(database: Kysely<Schema>, agentId: string): Promise<AgentProfile | null> {
  const user = await database
    .selectFrom('app_user')
    .select(['id', 'display_name', 'station_kind', 'languages', 'skills', 'role', 'demo'])
    .where('id', '=', agentId)
    .where('role', 'in', ['agent', 'supervisor'])
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
  if (!user) return null;
  const standsBy = user.role === 'supervisor';
  const campaigns = await database
    .selectFrom('campaign_agent')
    .innerJoin('campaign', 'campaign.id', 'campaign_agent.campaign_id')
    .select(['campaign.id', 'campaign.name', 'campaign.state'])
    .where('campaign_agent.user_id', '=', agentId)
    .where('campaign.state', '!=', 'ended')
    .orderBy('campaign.name')
    .execute();
  const { id, display_name, station_kind, languages, skills, demo } = user;
  const served = standsBy ? [] : campaigns;
  return {
    agentId: id,
    displayName: display_name,
    stationKind: station_kind,
    languages,
    skills,
    standsBy,
    demo,
    campaigns: served,
  };
}

/** A desk as it is to be written: the newest of its kind for this agent. */
export interface DeskRow {
  agentId: string;
  floorId: string;
  epoch: bigint;
  seq: number;
  desk: SavedDesk;
}

/** Writes agents' desks behind the floor's memory, one row each. An older epoch or sequence never overwrites a newer one. */
export async function saveDesks(database: Kysely<Schema>, rows: readonly DeskRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = (value: (row: DeskRow) => unknown): unknown[] => rows.map(value);
  await sql`${named('desks')}
    insert into agent_state (agent_id, floor_id, epoch, seq, state, body)
    select * from unnest(${column((row) => row.agentId)}::uuid[], ${column((row) => row.floorId)}::text[],
      ${column((row) => row.epoch)}::bigint[], ${column((row) => row.seq)}::bigint[], ${column((row) => row.desk.state)}::text[],
      ${column((row) => JSON.stringify(row.desk))}::jsonb[])
    on conflict (agent_id) do update set floor_id = excluded.floor_id, epoch = excluded.epoch, seq = excluded.seq,
      state = excluded.state, body = excluded.body, updated_at = clock_timestamp()
    where (agent_state.epoch, agent_state.seq) < (excluded.epoch, excluded.seq)`.execute(database);
}

/** The desks of a floor that were not off duty when last written. One that cannot be read is left out: its agent signs in anew. */
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
  return rows.flatMap((row) => {
    const desk = savedDesk.safeParse(row.body);
    return desk.success ? [{ agentId: row.agent_id, seq: Number(row.seq), desk: desk.data }] : [];
  });
}

/** One agent's part of a call, from bridge to hand-over or end. */
export interface SegmentRow {
  attemptId: string;
  agentId: string;
  from: Temporal.Instant;
  to: Temporal.Instant;
}

/** Writes agents' parts of calls. Repeating one changes nothing. */
export async function saveSegments(database: Kysely<Schema>, rows: readonly SegmentRow[]): Promise<void> {
  if (rows.length === 0) return;
  const column = (value: (row: SegmentRow) => unknown): unknown[] => rows.map(value);
  await sql`${named('segments')}
    insert into segment (attempt_id, agent_id, from_at, to_at)
    select * from unnest(${column((row) => row.attemptId)}::uuid[], ${column((row) => row.agentId)}::uuid[],
      ${column((row) => row.from.toString())}::timestamptz[], ${column((row) => row.to.toString())}::timestamptz[])
    on conflict (attempt_id, agent_id, from_at) do nothing`.execute(database);
}
