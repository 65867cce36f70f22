/** Calls that nobody has answered yet end at once when a hold, a payment or another fact comes in by which they may not be placed any more. */
import { sql, type Kysely } from 'kysely';
import type { Catalogue } from '../compliance/catalogue.ts';
import { judge } from '../compliance/gate.ts';
import { currentCatalogue } from '../compliance/store.ts';
import { record } from '../kernel/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { readFacts, type PersonFacts } from './facts.ts';
import { compileCampaign, gateFactsOf } from './terms.ts';

/** What came in: whose facts changed, and who changed them. */
export interface NewFacts {
  partyIds: readonly string[];
  /** A user's id, or the role of a process. */
  actor: string;
  /** Debts on which a payment was booked: a call about one of them would speak of what is no longer owed. */
  paidDebtIds?: readonly string[];
  /** The call in which the facts were learnt. */
  exceptAttemptId?: string;
  /** No call to them may go on, whatever the gate says: why. */
  every?: string;
}

/** How long a call can still be on its way to the switch, or ring, after it was called off. */
const REMEMBERED_MINUTES = 3;

interface OpenCall {
  attemptId: string;
  floorId: string;
  campaignId: string;
  partyId: string;
  phoneId: string;
  debtIds: string[];
  version: number;
  settings: unknown;
  trunkKind: 'demo' | 'real';
  /** Whoever answers may hear a recorded voice, by the verdict of the reservation. */
  recordedSound: boolean | null;
  now: Temporal.Instant;
}

/**
 * Calls off unanswered calls to these people, in the transaction that wrote the new facts and under their locks (`lockPeople`): those that
 * the gate would not allow now whatever was called before, those about a debt just paid on, and those in which a recorded voice may be played
 * that is not wanted any more. The dialer ends them once the transaction has
 * committed, those answered meanwhile excepted. Returns how many they are. Index: live_contact_pkey.
 */
export async function callOff(transaction: Kysely<Schema>, facts: NewFacts): Promise<number> {
  const calls = await readOpenCalls(transaction, facts);
  if (calls.length === 0) return 0;
  const { every } = facts;
  if (every !== undefined) {
    await write(
      transaction,
      calls.map((call) => ({ ...call, reason: every })),
      facts.actor,
    );
    return calls.length;
  }
  const { catalogue } = await currentCatalogue(transaction);
  const off: (OpenCall & { reason: string })[] = [];
  for (const [campaignId, own] of Map.groupBy(calls, (call) => call.campaignId)) {
    const people = await readPeople(transaction, campaignId, own);
    for (const call of own) {
      const person = people.get(call.partyId);
      const reason = person === undefined ? null : whyNot(catalogue, call, person, facts.paidDebtIds ?? []);
      if (reason !== null) off.push({ ...call, reason });
    }
  }
  await write(transaction, off, facts.actor);
  return off.length;
}

/** Unanswered calls of a floor that were called off lately: ids of attempts. Index: call_off_by_floor. */
export async function readCallOffs(database: Kysely<Schema>, floorId: string): Promise<string[]> {
  const rows = await database
    .selectFrom('call_off')
    .select('attempt_id')
    .where('floor_id', '=', floorId)
    .where('at', '>', sql<Temporal.Instant>`clock_timestamp() - ${REMEMBERED_MINUTES} * interval '1 minute'`)
    .execute();
  return rows.map((row) => row.attempt_id);
}

/** Why attempts were called off, by id. */
export async function readReasons(database: Kysely<Schema>, attemptIds: readonly string[]): Promise<Map<string, string>> {
  if (attemptIds.length === 0) return new Map();
  const rows = await database
    .selectFrom('call_off')
    .select(['attempt_id', 'reason'])
    .where('attempt_id', 'in', attemptIds)
    .execute();
  return new Map(rows.map((row) => [row.attempt_id, row.reason]));
}

/** One by one (`offset 0`): few of many people are being called, and an attempt's id names its month. */
async function readOpenCalls(transaction: Kysely<Schema>, { partyIds, exceptAttemptId }: NewFacts): Promise<OpenCall[]> {
  const { rows } = await sql<OpenCall>`
    select live.attempt_id as "attemptId", a.floor_id as "floorId", a.campaign_id as "campaignId", live.party_id as "partyId",
      live.phone_id as "phoneId", a.debt_ids::text[] as "debtIds",
      c.version, c.settings, t.kind as "trunkKind", a."recordedSound", clock_timestamp() as now
    from live_contact live
    cross join lateral (
      select floor_id, campaign_id, state, debt_ids, (verdict ->> 'recordedSound')::boolean as "recordedSound" from contact_attempt where id = live.attempt_id offset 0) a
    join campaign c on c.id = a.campaign_id
    join trunk t on t.name = c.settings ->> 'trunk'
    where live.party_id = any(${partyIds}::uuid[]) and a.state in ('reserved', 'dialing', 'ringing')
      and live.attempt_id is distinct from ${exceptAttemptId ?? null}::uuid
      and not exists (select from call_off where attempt_id = live.attempt_id)
    order by live.attempt_id`.execute(transaction);
  return rows;
}

async function readPeople(
  transaction: Kysely<Schema>,
  campaignId: string,
  calls: readonly OpenCall[],
): Promise<Map<string, PersonFacts>> {
  const begun = calls[0]?.now ?? Temporal.Instant.fromEpochMilliseconds(0);
  const people = await readFacts(
    transaction,
    campaignId,
    calls.map(({ partyId }) => ({ partyId, wishedPhoneId: null, phoneLast: false })),
    // What was called before is not asked about.
    { now: null, begun, days: 1 },
  );
  return new Map(people.map((person) => [person.partyId, person]));
}

/** Why a call may not go on, or null. The call itself counts towards no cap here, and it need only have begun before closing. */
function whyNot(catalogue: Catalogue, call: OpenCall, person: PersonFacts, paid: readonly string[]): string | null {
  const phone = person.phones.find((each) => each.id === call.phoneId);
  if (phone === undefined) return 'number_left';
  const about = person.debts.filter((debt) => call.debtIds.includes(debt.id));
  if (about.length === 0) return 'no_open_debt';
  if (about.some((debt) => paid.includes(debt.id))) return 'payment';
  const campaign = compileCampaign({ id: call.campaignId, ...call });
  const facts = gateFactsOf(
    catalogue,
    campaign,
    { ...person, debts: about, contacts: [], live: false },
    { ...phone, live: false },
  );
  const debts = about.map(({ id, product }) => ({ id, product }));
  const verdict = judge({ ...facts, debts, ringTimeoutMs: 0 }, person.now);
  if (verdict.verdict === 'deny') return verdict.binding?.id ?? 'unknown';
  return call.recordedSound === true && !verdict.recordedSound ? 'consent' : null;
}

async function write(transaction: Kysely<Schema>, off: readonly (OpenCall & { reason: string })[], actor: string): Promise<void> {
  if (off.length === 0) return;
  await transaction
    .insertInto('call_off')
    .values(off.map(({ attemptId, floorId, reason }) => ({ attempt_id: attemptId, floor_id: floorId, reason })))
    .onConflict((conflict) => conflict.column('attempt_id').doNothing())
    .execute();
  await record(
    transaction,
    off.map(({ attemptId, reason }) => ({
      kind: 'attempt.called_off',
      subject: 'attempt',
      subjectId: attemptId,
      actor,
      body: { reason },
    })),
  );
}
