import { rm } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Pool, PoolClient } from 'pg';
import type { DoNotCallResult } from '../../contract/do-not-call.ts';
import { untilListsAreHeeded } from '../../debtors/heed-lists.ts';
import { inBatch } from '../../debtors/import/batches.ts';
import { alone } from '../../debtors/import/run.ts';
import type { Database } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import { stagedNumbers, stageNumbers } from './numbers.ts';
import { eachReached, endReached } from './reach.ts';
import { readList, writeListFailure, writeListProgress, type ListProgress, type StoredList } from './store.ts';

/** Lists are taken one after another. */
export const LISTS_LOCK = 'do-not-call';
/** How often the row of a list says how far it is. */
const TELL_EVERY_ROWS = 20_000;

export interface ListRun {
  pool: Pool;
  database: Database;
  listId: string;
  /** Ends the run between two batches; another run goes on from there. */
  signal?: AbortSignal;
}

/**
 * Takes an uploaded list to its end and returns what it came to. First the whole file is read, so that one that cannot be read changes nothing;
 * then all its numbers are on the do-not-call list at once, and whom they reach leaves, batch by batch, those among them whom an import is giving
 * one of the numbers just then. Running it again after a death goes on
 * there; a list that has been taken returns its result. A Refusal fails it for good. A dry run only counts. The file is deleted behind it.
 */
export async function takeDoNotCallList(run: ListRun): Promise<DoNotCallResult> {
  const { database, listId } = run;
  try {
    return await alone(run.pool, LISTS_LOCK, async (client) => {
      const list = await readList(database, listId);
      const before = await readResult(database, listId);
      if (before !== null) return before;
      const result = list.dryRun ? await tryOut(run, list, client) : await takeForGood(run, list, client);
      await writeResult(database, list, result);
      return result;
    });
  } catch (error) {
    if (error instanceof Refusal) {
      await writeListFailure(database, listId, error);
      await forgetFile(await readList(database, listId));
    }
    throw error;
  } finally {
    await sql`drop table if exists ${stagedNumbers(listId).table}`.execute(database).catch(() => undefined);
  }
}

type Counted = Omit<DoNotCallResult, 'people' | 'left' | 'calledOff'>;

async function readNumbers({ database, listId, signal }: ListRun, list: StoredList, client: PoolClient) {
  const { progress } = list;
  const read = await stageNumbers(client, list, {
    signal,
    async tell(rows) {
      if (rows - progress.done < TELL_EVERY_ROWS) return;
      progress.done = rows;
      await writeListProgress(database, listId, progress);
    },
  });
  await database.updateTable('do_not_call_list').set({ file_digest: read.digest }).where('id', '=', listId).execute();
  return read;
}

/** What the staged numbers are to those that are on the list already. */
async function countNumbers(database: Database, listId: string): Promise<Pick<Counted, 'numbers' | 'new' | 'already'>> {
  const { table } = stagedNumbers(listId);
  const { rows } = await sql<{ numbers: bigint; already: bigint }>`
    select count(*) as numbers, count(*) filter (where exists (
      select from do_not_call listed where listed.e164 = given.e164 and listed.expires_at > clock_timestamp())) as already
    from (select distinct e164 from ${table}) given`.execute(database);
  const { numbers, already } = rows[0] ?? { numbers: 0n, already: 0n };
  return { numbers: Number(numbers), new: Number(numbers - already), already: Number(already) };
}

async function takeForGood(run: ListRun, list: StoredList, client: PoolClient): Promise<DoNotCallResult> {
  const { database, listId, signal } = run;
  const { progress } = list;
  progress.counted ??= await putOnList(run, list, client);
  const counted = progress.counted;
  await untilListsAreHeeded(database);
  await eachReached(database, { listId, state: 'active', signal }, async (phoneIds) => {
    const before: ListProgress = { ...progress };
    await inBatch(database, async (transaction) => {
      // Tried again after a crossing, it counts anew.
      Object.assign(progress, before);
      const ended = await endReached(transaction, { sourceId: listId, phoneIds, actor: list.createdBy ?? 'command' });
      progress.people += ended.people;
      progress.left += ended.left;
      progress.calledOff += ended.calledOff;
      await writeListProgress(transaction, listId, progress);
    });
    return progress.people - before.people;
  });
  const { people, left, calledOff } = progress;
  return { ...counted, people, left, calledOff };
}

async function putOnList(run: ListRun, list: StoredList, client: PoolClient): Promise<Counted> {
  const { database, listId } = run;
  const { rows, rejected } = await readNumbers(run, list, client);
  return database.transaction().execute(async (transaction) => {
    const counted = { rows, rejected, ...(await countNumbers(transaction, listId)) };
    await sql`
      insert into do_not_call (source_id, e164, said_at, blocks, expires_at)
      select distinct ${listId}::uuid, e164, transaction_timestamp(), ${list.blocks}, coalesce(${list.expiresAt}::timestamptz, 'infinity')
      from ${stagedNumbers(listId).table}`.execute(transaction);
    await writeListProgress(transaction, listId, { ...list.progress, done: rows, counted });
    return counted;
  });
}

/** Counts what taking the list would do as things are now. */
async function tryOut(run: ListRun, list: StoredList, client: PoolClient): Promise<DoNotCallResult> {
  const { database, listId } = run;
  const { rows, rejected } = await readNumbers(run, list, client);
  const found = await sql<{ people: bigint; left: bigint; calls: bigint }>`
    with reached as materialized (
      select link.party_id, link.phone_id from (select distinct e164 from ${stagedNumbers(listId).table}) given
      join phone on phone.e164 = given.e164 join party_phone link on link.phone_id = phone.id and link.state = 'active'
    ), spared as (
      select link.party_id from party_phone link
      where link.party_id in (select party_id from reached) and link.state = 'active'
        and not exists (select from reached where party_id = link.party_id and phone_id = link.phone_id)
    )
    select (select count(distinct party_id) from reached) as people,
      (select count(*) from dial_queue q where q.state in ('ready', 'waiting') and q.party_id in (select party_id from reached)
        and q.party_id not in (select party_id from spared)) as left,
      (select count(*) from reached join live_contact live using (party_id, phone_id)
        join lateral (select state from contact_attempt where id = live.attempt_id offset 0) call on call.state in ('reserved', 'dialing', 'ringing')
      ) as calls`.execute(database);
  const { people, left, calls } = found.rows[0] ?? { people: 0n, left: 0n, calls: 0n };
  const counted = { rows, rejected, ...(await countNumbers(database, listId)) };
  return { ...counted, people: Number(people), left: Number(left), calledOff: Number(calls) };
}

async function readResult(database: Database, listId: string): Promise<DoNotCallResult | null> {
  const row = await database
    .selectFrom('do_not_call_list')
    .select(['state', 'result'])
    .where('id', '=', listId)
    .executeTakeFirst();
  return row?.state === 'done' ? (row.result as DoNotCallResult) : null;
}

async function writeResult(database: Database, list: StoredList, result: DoNotCallResult): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { file_digest: digest } = await transaction
      .updateTable('do_not_call_list')
      .set({ state: 'done', result: JSON.stringify(result), error: null, ended_at: sql<string>`clock_timestamp()` })
      .where('id', '=', list.id)
      .returning('file_digest')
      .executeTakeFirstOrThrow();
    const event = { kind: 'do_not_call.taken', subject: 'do_not_call', subjectId: list.id, actor: list.createdBy ?? 'command' };
    await record(transaction, [{ ...event, body: { digest, dryRun: list.dryRun, ...result } }]);
  });
  await forgetFile(list);
}

/** What a list says is kept as numbers; the file that was uploaded to us is nobody's to keep. One named on the command line is its owner's. */
async function forgetFile({ createdBy, filePath }: StoredList): Promise<void> {
  if (createdBy !== null) await rm(filePath, { force: true });
}
