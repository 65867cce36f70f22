import { sql, type Kysely } from 'kysely';
import type { z } from 'zod';
import { segment, type SavedSegment, type changeSegmentBody, type saveSegmentBody } from '../contract/segments.ts';
import type { Database, Tx } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import { enqueue } from '../kernel/outbox.ts';
import type { Schema } from '../kernel/schema.ts';

/** The segments that are kept of a campaign, by name; index saved_segment_by_name. */
export async function listSegments(database: Kysely<Schema>, campaignId: string): Promise<SavedSegment[]> {
  const rows = await database
    .selectFrom('saved_segment')
    .leftJoin('app_user', 'app_user.id', 'changed_by')
    .select(['saved_segment.id', 'name', 'body', 'priority', 'version', 'app_user.display_name as by', 'changed_at'])
    .where('campaign_id', '=', campaignId)
    .orderBy(sql`lower(name)`)
    .execute();
  return rows.map(({ body, changed_at, ...row }) => ({ ...row, segment: segment.parse(body), at: changed_at.toString() }));
}

/** Keeps a segment under a name. Throws `unknown_campaign` (404) and `segment_name_taken` (409). */
export async function saveSegment(
  database: Database,
  campaignId: string,
  { name, segment: body, priority }: z.output<typeof saveSegmentBody>,
  userId: string,
): Promise<SavedSegment> {
  return database.transaction().execute(async (transaction) => {
    const campaign = await transaction.selectFrom('campaign').select('id').where('id', '=', campaignId).executeTakeFirst();
    if (!campaign) throw new Refusal('unknown_campaign', 'There is no such campaign.', { field: 'id', status: 404 });
    const row = await transaction
      .insertInto('saved_segment')
      .values({ campaign_id: campaignId, name, body: JSON.stringify(body), priority, changed_by: userId })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) throw nameTaken();
    return told(transaction, { campaignId, id: row.id, userId, kind: 'segment.saved', wasFirst: false });
  });
}

/** Changes a kept segment or its name. Throws `unknown_segment` (404), `stale_version` and `segment_name_taken` (409). */
export async function changeSegment(
  database: Database,
  of: { campaignId: string; id: string },
  { name, segment: body, priority, version }: z.output<typeof changeSegmentBody>,
  userId: string,
): Promise<SavedSegment> {
  return database.transaction().execute(async (transaction) => {
    const kept = await lockKept(transaction, of);
    if (kept.version !== version)
      throw new Refusal('stale_version', 'Somebody else changed this segment meanwhile.', { field: 'version', status: 409 });
    const other = await transaction
      .selectFrom('saved_segment')
      .select('id')
      .where('campaign_id', '=', of.campaignId)
      .where(sql`lower(name)`, '=', sql`lower(${name})`)
      .where('id', '!=', of.id)
      .executeTakeFirst();
    if (other) throw nameTaken();
    await transaction
      .updateTable('saved_segment')
      .set({
        name,
        body: JSON.stringify(body),
        ...(priority === undefined ? {} : { priority }),
        version: version + 1,
        changed_by: userId,
        changed_at: sql<string>`clock_timestamp()`,
      })
      .where('id', '=', of.id)
      .execute();
    return told(transaction, { ...of, userId, kind: 'segment.saved', wasFirst: kept.priority > 0 });
  });
}

/** Forgets a kept segment. Throws `unknown_segment` (404). */
export async function deleteSegment(database: Database, of: { campaignId: string; id: string }, userId: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { priority } = await lockKept(transaction, of);
    await told(transaction, { ...of, userId, kind: 'segment.deleted', wasFirst: priority > 0 });
    await transaction.deleteFrom('saved_segment').where('id', '=', of.id).execute();
  });
}

async function lockKept(transaction: Tx, of: { campaignId: string; id: string }): Promise<{ version: number; priority: number }> {
  const kept = await transaction
    .selectFrom('saved_segment')
    .select(['version', 'priority'])
    .where('id', '=', of.id)
    .where('campaign_id', '=', of.campaignId)
    .forUpdate()
    .executeTakeFirst();
  if (!kept) throw new Refusal('unknown_segment', 'There is no such segment.', { field: 'segmentId', status: 404 });
  return kept;
}

/**
 * Writes what happened to a segment into the history of its campaign, and has the queue put in order anew where its debtors go or went
 * (`wasFirst`) before others; returns the segment as it stands.
 */
async function told(
  transaction: Tx,
  { campaignId, id, userId, kind, wasFirst }: { campaignId: string; id: string; userId: string; kind: string; wasFirst: boolean },
): Promise<SavedSegment> {
  const saved = (await listSegments(transaction, campaignId)).find((each) => each.id === id);
  if (!saved) throw new Error(`Segment ${id} is not there`);
  const body = { segmentId: id, version: saved.version, priority: saved.priority };
  await record(transaction, [{ kind, subject: 'campaign', subjectId: campaignId, actor: userId, body }]);
  if (wasFirst || saved.priority > 0) {
    await enqueue(transaction, 'campaign.bands', `campaign.bands:${id}:${kind}:${saved.version}`, { campaignId });
  }
  return saved;
}

function nameTaken(): Refusal {
  return new Refusal('segment_name_taken', 'A segment of this campaign has this name already.', { field: 'name', status: 409 });
}
