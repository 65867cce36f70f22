import { sql, type Kysely } from 'kysely';
import type { NoteRow } from '../contract/desk.ts';
import type { Schema } from '../kernel/schema.ts';

/** Whether an agent has or had a call: it is theirs now, or a part of it was. */
export async function hadCall(database: Kysely<Schema>, attemptId: string, agentId: string): Promise<boolean> {
  const row = await database
    .selectNoFrom((eb) => [
      eb
        .or([
          eb.exists(eb.selectFrom('contact_attempt').select('id').where('id', '=', attemptId).where('agent_id', '=', agentId)),
          // Nobody may have said yet who is calling.
          eb.exists(eb.selectFrom('inbound_call').select('id').where('id', '=', attemptId).where('agent_id', '=', agentId)),
          eb.exists(eb.selectFrom('segment').select('id').where('attempt_id', '=', attemptId).where('agent_id', '=', agentId)),
        ])
        .as('had'),
    ])
    .executeTakeFirst();
  return Boolean(row?.had);
}

/** The note of a call, or null. */
export async function readNote(database: Kysely<Schema>, attemptId: string): Promise<NoteRow | null> {
  const row = await database
    .selectFrom('attempt_note')
    .select(['attempt_id', 'body', 'version'])
    .where('attempt_id', '=', attemptId)
    .executeTakeFirst();
  return row ? { attemptId: row.attempt_id, body: row.body, version: row.version } : null;
}

/** Saves a note over the version last seen (0 for none) and returns it with its new version; null when that one is stale. */
export async function saveNote(
  database: Kysely<Schema>,
  note: { attemptId: string; agentId: string; body: string; version: number },
): Promise<NoteRow | null> {
  const row =
    note.version === 0
      ? await database
          .insertInto('attempt_note')
          .values({ attempt_id: note.attemptId, agent_id: note.agentId, body: note.body })
          .onConflict((conflict) => conflict.column('attempt_id').doNothing())
          .returning(['attempt_id', 'body', 'version'])
          .executeTakeFirst()
      : await database
          .updateTable('attempt_note')
          .set((eb) => ({
            body: note.body,
            agent_id: note.agentId,
            version: eb('version', '+', 1),
            updated_at: sql<string>`clock_timestamp()`,
          }))
          .where('attempt_id', '=', note.attemptId)
          .where('version', '=', note.version)
          .returning(['attempt_id', 'body', 'version'])
          .executeTakeFirst();
  return row ? { attemptId: row.attempt_id, body: row.body, version: row.version } : null;
}
