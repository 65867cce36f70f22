/** Facts that people write into a debtor's file by hand: under the person's lock, with all that follows from them at once. */
import { sql, type Kysely } from 'kysely';
import { heedLists } from '../debtors/heed-lists.ts';
import { Refusal } from '../kernel/errors.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { callOff } from './call-off.ts';
import { checkContact, type PersonJudgement } from './check.ts';
import { lockPeople } from './locks.ts';
import { refusedBy, refusedEvent, type Refused } from './store.ts';
import { refusalNames } from './wake.ts';

/** What a fact changed; `moved`: the queues a debtor left, or may be called from again. */
export interface Moved {
  moved: number;
  /** Calls that nobody had answered yet and that are ended. */
  calledOff: number;
}

/** Whose facts are written, and by whom. */
export interface Writing {
  partyId: string;
  /** A user's id, or the role of a process. */
  userId: string;
}

/** Refusals of the gate that no rule has for its name: by the person's own word, and while they are being called. */
const NOT_OF_RULES = ['consent', 'preference', 'live_contact'];

/**
 * Writes facts in a transaction of its own under the person's lock; then whoever was without a number and has one again comes back, the gate
 * judges every queue row that is ready or waits for one of its refusals, and unanswered calls that it forbids now are called off. Throws
 * `unknown_debtor` and `already_merged`, and whatever `write` throws; nothing is changed then.
 */
export function writeByHand<Result extends object>(
  database: Kysely<Schema>,
  { partyId, userId }: Writing,
  write: (transaction: Kysely<Schema>) => Promise<Result>,
): Promise<Result & Moved> {
  return database.transaction().execute(async (transaction) => {
    await heedLists(transaction);
    await lockPeople(transaction, [partyId]);
    await requirePerson(transaction, partyId);
    const before = await readStates(transaction, partyId);
    const written = await write(transaction);
    await judgeAnew(transaction, { partyId, userId });
    const after = await readStates(transaction, partyId);
    const moved = [...after].filter(([campaignId, state]) => before.get(campaignId) !== state).length;
    const calledOff = await callOff(transaction, { partyIds: [partyId], actor: userId });
    return { ...written, moved, calledOff };
  });
}

/** Puts a locked person's rows where the facts of now want them: whoever may be called again comes back, and the gate judges the rest. */
export async function judgeAnew(transaction: Kysely<Schema>, writing: Writing): Promise<void> {
  await bringBack(transaction, writing.partyId);
  await judgeRows(transaction, writing);
}

/** Refuses a number that was never the person's. */
export async function requireNumber(transaction: Kysely<Schema>, partyId: string, phoneId: string): Promise<{ state: string }> {
  const link = await transaction
    .selectFrom('party_phone')
    .select('state')
    .where('party_id', '=', partyId)
    .where('phone_id', '=', phoneId)
    .executeTakeFirst();
  if (!link) throw new Refusal('not_their_number', 'This number is not the debtor’s.', { field: 'phoneId' });
  return link;
}

async function requirePerson(transaction: Kysely<Schema>, partyId: string): Promise<void> {
  const person = await transaction.selectFrom('party').select('merged_into').where('id', '=', partyId).executeTakeFirst();
  if (!person) throw new Refusal('unknown_debtor', 'There is no such debtor.', { field: 'partyId', status: 404 });
  if (person.merged_into !== null) {
    throw new Refusal('already_merged', 'This person has become another.', { field: 'partyId', status: 409 });
  }
}

/** By campaign. Index: dial_queue_by_party. */
async function readStates(transaction: Kysely<Schema>, partyId: string): Promise<Map<string, string>> {
  const rows = await transaction
    .selectFrom('dial_queue')
    .select(['campaign_id', 'state'])
    .where('party_id', '=', partyId)
    .execute();
  return new Map(rows.map((row) => [row.campaign_id, row.state]));
}

/** Whoever left for want of a number and has one again, or wanted no calls and does not say so any more, is ready, as far as the gate allows. */
async function bringBack(transaction: Kysely<Schema>, partyId: string): Promise<void> {
  await sql`
    update dial_queue set state = 'ready', reason = null, not_before = '-infinity', updated_at = clock_timestamp()
    where party_id = ${partyId} and state = 'done' and campaign_id in (select id from campaign where state <> 'ended') and (
      reason = 'no_number_left' and exists (select from party_phone where party_id = ${partyId} and state = 'active')
      or reason = 'do_not_call' and not exists (select from hold where party_id = ${partyId} and kind = 'do_not_call'
        and released_at is null and (ends_at is null or ends_at > clock_timestamp())))`.execute(transaction);
}

/** Puts a locked person's rows where the gate says, and keeps why. */
async function judgeRows(transaction: Kysely<Schema>, { partyId, userId }: Writing): Promise<void> {
  const { people } = await checkContact(transaction, { subject: { partyId }, at: null, campaignId: null });
  const holds = await transaction.selectFrom('hold').select('kind').distinct().where('party_id', '=', partyId).execute();
  const refusals = new Set(await refusalNames(transaction, [...NOT_OF_RULES, ...holds.map((hold) => hold.kind)]));
  for (const judgement of people[0]?.judgements ?? []) {
    const { campaign } = judgement;
    const next = nextPlace(judgement, refusals);
    if (campaign === null || next === null) continue;
    const state = next === 'ready' ? 'ready' : next.leaves ? 'done' : 'waiting';
    const refused = next === 'ready' ? null : { ...next, partyId };
    await sql`
      update dial_queue set state = ${state}, reason = ${refused?.reason ?? null},
        not_before = ${state === 'waiting' ? (refused?.retryAt?.toString() ?? 'infinity') : '-infinity'}::timestamptz,
        band = case when ${state} = 'done' then priority else band end,
        callback_id = case when ${state} = 'done' then null else callback_id end, updated_at = clock_timestamp()
      where campaign_id = ${campaign.id} and party_id = ${partyId}`.execute(transaction);
    if (refused !== null) await record(transaction, [refusedEvent(campaign.id, userId, refused)]);
    if (state === 'done') await cancelCallbacks(transaction, campaign.id, partyId);
  }
}

/** Where a row goes: to be called, or refused. Null: it stays as it is. */
function nextPlace(
  { queue, nothing, chosen }: PersonJudgement,
  refusals: ReadonlySet<string>,
): 'ready' | Omit<Refused, 'partyId'> | null {
  if (queue === null || (queue.state !== 'ready' && queue.state !== 'waiting')) return null;
  // The agent who has just spoken with them says what comes next.
  if (queue.reason === 'awaiting_outcome') return null;
  if (nothing === 'no_number_left') {
    return {
      phoneId: null,
      reason: nothing,
      reasons: [],
      unverified: [],
      retryAt: null,
      packVersions: {},
      digest: null,
      leaves: true,
    };
  }
  if (nothing !== null || chosen === null) return null;
  if (queue.state === 'waiting' && !refusals.has(queue.reason ?? '')) return null;
  const { phone, verdict, digest } = chosen;
  if (verdict.verdict === 'allow') return queue.state === 'ready' ? null : 'ready';
  const refused = refusedBy(verdict);
  // A call of another campaign is over in a moment, and reservations pass over them until then.
  if (queue.state === 'ready' && refused.reason === 'live_contact') return null;
  return { phoneId: phone.id, ...refused, digest, leaves: false };
}

/** Nobody can be called back without a number. */
async function cancelCallbacks(transaction: Kysely<Schema>, campaignId: string, partyId: string): Promise<void> {
  await transaction
    .updateTable('callback')
    .set({ state: 'cancelled' })
    .where('campaign_id', '=', campaignId)
    .where('party_id', '=', partyId)
    .where('state', '=', 'open')
    .execute();
}
