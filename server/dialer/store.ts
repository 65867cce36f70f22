import { closeSegments } from '../agents/store.ts';
import { outcomeEffect, type OutcomeEffect } from '../contract/outcomes.ts';
import type { Database } from '../kernel/database.ts';
import { settle } from '../queue/settle.ts';
import { iso, type Call, type Floor } from './floor.ts';
import type { CallState, Ending } from './rules.ts';

const BEFORE: Readonly<Record<'screening' | 'waiting' | 'connected', CallState[]>> = {
  screening: ['dialing', 'ringing', 'answered'],
  waiting: ['dialing', 'ringing', 'answered', 'screening'],
  connected: ['dialing', 'ringing', 'answered', 'screening', 'waiting'],
};

/**
 * Writes behind how far a call has come, with all its stamps so far. Postgres repeats the guard of the states: an update that
 * comes late finds no row and changes nothing.
 */
export function saveProgress(floor: Floor, call: Call): void {
  const { state } = call;
  if (state !== 'screening' && state !== 'waiting' && state !== 'connected') return;
  const values = stampsOf(call);
  const agentId = call.desk?.agentId ?? null;
  floor.writer.later(call.attemptId, 'attempt progress', async (database) => {
    await database
      .updateTable('contact_attempt')
      .set({ state, ...values, ...(agentId === null ? {} : { agent_id: agentId }) })
      .where('id', '=', call.attemptId)
      .where('state', 'in', BEFORE[state])
      .execute();
  });
}

/** Writes behind how a call ended; the queue room decides the debtor's next attempt in the same transaction. */
export function saveEnd(
  floor: Floor,
  call: Call,
  ending: Ending,
  end: { cause: number | null; techCause: string | null; stampMs: number },
): void {
  const values = stampsOf(call);
  const agentId = call.desk?.agentId ?? null;
  floor.writer.later(call.attemptId, 'attempt end', async (database) => {
    const endedAt = Temporal.Instant.fromEpochMilliseconds(Math.round(end.stampMs));
    await settle(database, {
      attemptId: call.attemptId,
      ...ending,
      cause: end.cause,
      techCause: end.techCause,
      endedAt,
      stamps: { ...values, ...(agentId === null ? {} : { agent_id: agentId }) },
    });
    if (ending.result === 'connected') await closeSegments(database, call.attemptId, endedAt);
  });
}

/** What was recorded of a call, and by whom; null when nothing was. */
export async function readOutcome(
  database: Database,
  attemptId: string,
): Promise<{ agentId: string | null; code: string; effect: OutcomeEffect } | null> {
  const row = await database
    .selectFrom('outcome')
    .select(['agent_id', 'code', 'effect'])
    .where('attempt_id', '=', attemptId)
    .executeTakeFirst();
  return row ? { agentId: row.agent_id, code: row.code, effect: outcomeEffect.parse(row.effect) } : null;
}

function stampsOf(call: Call) {
  const { ringing, answered, waiting, connected, message } = call.stamps;
  return {
    ...(call.screening === null ? {} : { screening: JSON.stringify(call.screening) }),
    ...(ringing === undefined ? {} : { ringing_at: iso(ringing) }),
    ...(answered === undefined ? {} : { answered_at: iso(answered) }),
    ...(waiting === undefined ? {} : { waiting_at: iso(waiting) }),
    ...(connected === undefined ? {} : { connected_at: iso(connected) }),
    ...(message === undefined ? {} : { message_at: iso(message) }),
  };
}
