import { randomUUIDv7 } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import type { NumberType } from '../../contract/rule-terms.ts';
import type { TestCall, TestCallBody, TestCallResult, TestCallState } from '../../contract/trunks.ts';
import { readPhone } from '../../debtors/phones.ts';
import type { Database } from '../../kernel/database.ts';
import { Refusal } from '../../kernel/errors.ts';
import { record } from '../../kernel/history.ts';
import type { Schema } from '../../kernel/schema.ts';
import { refuseMixing, type Actor } from '../lifecycle.ts';
import { orUnknownTrunk } from './arm.ts';
import { faultOfTestNumber } from './rules.ts';
import { lockTrunk, TRUNK_DIGEST } from './store.ts';

/** A dialer takes a test at once or not at all: a call that comes much later finds nobody waiting for it. */
const TAKEN_WITHIN_MS = 15_000;
const END_DIGITS = 3;

/** How a test call ended. */
export interface TestCallEnd {
  result: TestCallResult;
  cause: number | null;
  techCause: string | null;
}

const LOST: TestCallEnd = { result: 'unknown', cause: null, techCause: null };

/**
 * Writes that an admin wants a real trunk tested, for a dialer to take, and returns the test's id. Throws `unknown_trunk`,
 * `demo_trunk`, `demo_and_real`, `test_call_under_way`, or by name what speaks against the number.
 */
export async function askTestCall(
  database: Database,
  asked: TestCallBody & { trunk: string; floorId: string },
  actor: Actor,
): Promise<string> {
  return database.transaction().execute(async (transaction) => {
    const trunk = orUnknownTrunk(await lockTrunk(transaction, asked.trunk), asked.trunk);
    if (trunk.kind === 'demo') {
      throw new Refusal('demo_trunk', 'A demo trunk calls nobody and needs no test call.', { field: 'name', status: 409 });
    }
    refuseMixing(actor, trunk);
    await refuseNumber(transaction, asked.number);
    await endOverdue(transaction, asked.trunk);
    const id = randomUUIDv7();
    const written = await sql<{ id: string }>`
      insert into trunk_test (id, trunk, digest, number_end, asked_by, floor_id, deadline_at)
      values (${id}, ${asked.trunk}, ${trunk.digest}, ${asked.number.slice(-END_DIGITS)}, ${actor.userId}, ${asked.floorId},
        clock_timestamp() + ${TAKEN_WITHIN_MS} * interval '1 millisecond')
      on conflict (trunk) where state <> 'ended' do nothing returning id`.execute(transaction);
    if (written.rows.length === 0) {
      throw new Refusal('test_call_under_way', 'A test call of this trunk is under way: wait for its end.', { status: 409 });
    }
    await record(transaction, [
      {
        kind: 'trunk.test_asked',
        subject: 'trunk',
        subjectId: asked.trunk,
        actor: actor.userId,
        body: { testId: id, digest: trunk.digest },
      },
    ]);
    return id;
  });
}

async function refuseNumber(transaction: Kysely<Schema>, number: string): Promise<void> {
  // The country is for numbers written without their own; these are in E.164.
  const phone = readPhone(number, 'US');
  const ofDebtor = await sql`
    select from phone join party_phone on party_phone.phone_id = phone.id where phone.e164 = ${number} limit 1`.execute(
    transaction,
  );
  const fault = faultOfTestNumber(phone && { type: phone.type as NumberType }, ofDebtor.rows.length > 0);
  if (fault) throw new Refusal(fault.code, fault.message, { field: fault.field, status: 422 });
}

/** The last test call of a trunk, or null. One past its deadline counts as lost sight of, whoever has noticed. Index: trunk_test_latest. */
export async function lastTestCall(database: Kysely<Schema>, trunk: string): Promise<TestCall | null> {
  const row = await database
    .selectFrom('trunk_test')
    .innerJoin('trunk', 'trunk.name', 'trunk_test.trunk')
    .innerJoin('app_user', 'app_user.id', 'trunk_test.asked_by')
    .select([
      'trunk_test.id',
      'trunk_test.state',
      'result',
      'cause',
      'tech_cause',
      'number_end',
      'display_name',
      'asked_at',
      'ended_at',
      'deadline_at',
      'digest',
      TRUNK_DIGEST.as('present'),
      sql<boolean>`trunk_test.state <> 'ended' and deadline_at < clock_timestamp()`.as('lost'),
    ])
    .where('trunk_test.trunk', '=', trunk)
    .orderBy('asked_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    state: row.lost ? 'ended' : row.state,
    result: row.lost ? LOST.result : row.result,
    cause: row.cause,
    sipStatus: row.tech_cause,
    numberEnd: row.number_end,
    askedBy: row.display_name,
    askedAt: row.asked_at.toString(),
    endedAt: (row.lost ? row.deadline_at : row.ended_at)?.toString() ?? null,
    sameSettings: row.digest === row.present,
  };
}

/**
 * Takes a test for a dialer, before its call is sent: true once in the life of a test, while it is fresh and the floor is held at this
 * epoch, so that no number is called twice (as invariant I3 has it for debtors). `lastsMs`: by when it has certainly ended.
 */
export async function takeTestCall(
  database: Kysely<Schema>,
  test: { id: string; floorId: string; epoch: bigint; lastsMs: number },
): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    with held as materialized (select 1 from floor where id = ${test.floorId} and epoch = ${test.epoch} for share)
    update trunk_test set state = 'dialing', epoch = ${test.epoch},
      deadline_at = clock_timestamp() + ${test.lastsMs} * interval '1 millisecond'
    where id = ${test.id} and state = 'asked' and floor_id = ${test.floorId} and deadline_at > clock_timestamp()
      and exists (select from held)
    returning id`.execute(database);
  return rows.length > 0;
}

/** Notes how far a test has come; what has ended stays so. */
export async function noteTestCall(
  database: Kysely<Schema>,
  id: string,
  state: Extract<TestCallState, 'ringing' | 'answered'>,
): Promise<void> {
  await database.updateTable('trunk_test').set({ state }).where('id', '=', id).where('state', '!=', 'ended').execute();
}

/** Writes how a test ended, once. */
export async function endTestCall(database: Kysely<Schema>, id: string, end: TestCallEnd): Promise<void> {
  await endTests(database, sql`id = ${id}`, end);
}

/** Ends tests that a former dialer of the floor had taken: what became of them nobody knows. */
export async function endTestsOfPastEpochs(database: Kysely<Schema>, floor: { floorId: string; epoch: bigint }): Promise<void> {
  await endTests(database, sql`floor_id = ${floor.floorId} and epoch < ${floor.epoch}`, LOST);
}

async function endOverdue(database: Kysely<Schema>, trunk: string): Promise<void> {
  await endTests(database, sql`trunk = ${trunk} and deadline_at < clock_timestamp()`, LOST);
}

async function endTests(database: Kysely<Schema>, which: ReturnType<typeof sql>, end: TestCallEnd): Promise<void> {
  const write = async (transaction: Kysely<Schema>): Promise<void> => {
    const { rows } = await sql<{ id: string; trunk: string; digest: string }>`
      update trunk_test set state = 'ended', result = ${end.result}, cause = ${end.cause}, tech_cause = ${end.techCause},
        ended_at = clock_timestamp()
      where state <> 'ended' and ${which} returning id, trunk, digest`.execute(transaction);
    await record(
      transaction,
      rows.map(({ id, trunk, digest }) => ({
        kind: 'trunk.tested',
        subject: 'trunk',
        subjectId: trunk,
        actor: 'dialer',
        body: { testId: id, digest, ...end },
      })),
    );
  };
  await (database.isTransaction ? write(database) : database.transaction().execute(write));
}
