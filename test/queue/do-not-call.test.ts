import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DoNotCallResult } from '../../server/contract/do-not-call.ts';
import { heedOptOut } from '../../server/queue/do-not-call/heed-opt-out.ts';
import { liftDoNotCallList } from '../../server/queue/do-not-call/lift.ts';
import { numberColumns } from '../../server/queue/do-not-call/numbers.ts';
import { createList, readExpiredLists, readLists, type ListToTake } from '../../server/queue/do-not-call/store.ts';
import { takeDoNotCallList } from '../../server/queue/do-not-call/take.ts';
import { recordConsent } from '../../server/queue/consents.ts';
import { optOut } from '../../server/queue/opt-out.ts';
import { dispatch } from '../../server/queue/dispatch.ts';
import { importFile, scratchFolder } from '../debtors/lists.ts';
import { eventually } from '../support/conditions.ts';
import { mobile, openScene, type Scene } from './scene.ts';

let scene: Scene;
let userId: string;
const scratch = scratchFolder();
const errorsPath = join(scratch.path, 'errors.csv');
let files = 0;

beforeAll(async () => {
  scene = await openScene();
  const user = { login: 'root', display_name: 'Root', role: 'admin', password_hash: '-' } as const;
  userId = (await scene.database.insertInto('app_user').values(user).returning('id').executeTakeFirstOrThrow()).id;
});
afterAll(async () => {
  scratch.remove();
  await scene.fresh.drop();
});

function list(text: string, change: Partial<ListToTake> = {}): Promise<string> {
  files += 1;
  const filePath = scratch.file(`numbers-${files}.csv`, text);
  return createList(scene.database, {
    name: 'Registry',
    source: 'registry',
    blocks: 'calls',
    country: 'SA',
    until: null,
    fileName: 'numbers.csv',
    filePath,
    errorsPath,
    dryRun: false,
    demo: false,
    createdBy: null,
    ...change,
  });
}

const run = (listId: string) => ({ pool: scene.fresh.pool, database: scene.database, listId });

async function take(text: string, change: Partial<ListToTake> = {}): Promise<{ listId: string; result: DoNotCallResult }> {
  const listId = await list(text, change);
  return { listId, result: await takeDoNotCallList(run(listId)) };
}

/** Somebody presses the key in a call, and the worker does what follows; returns whom it found besides. */
async function optOutAndHeed(number: string): Promise<unknown> {
  const callId = randomUUID();
  const said = { callId, subject: 'inbound', number, at: Temporal.Now.instant(), actor: 'dialer' } as const;
  await scene.database.transaction().execute((transaction) => optOut(transaction, said));
  expect(await scene.database.selectFrom('outbox').select('payload').where('job', '=', 'opt_out.heed').execute()).toContainEqual({
    payload: { callId },
  });
  await heedOptOut(scene.database, callId);
  const { rows } = await sql<{ people: number }>`
    select (body ->> 'people')::int as people from event where kind = 'do_not_call.reached' and subject_id = ${callId}`.execute(
    scene.database,
  );
  return rows[0]?.people;
}

async function statesOf(partyId: string): Promise<string[]> {
  const rows = await scene.database
    .selectFrom('party_phone')
    .select('state')
    .where('party_id', '=', partyId)
    .orderBy('rank')
    .execute();
  return rows.map((row) => row.state);
}

/** A Saudi number in national form, in Arabic digits. */
const national = (e164: string): string =>
  `0${e164.slice(4)}`.replaceAll(/[0-9]/g, (digit) => String.fromCharCode(0x660 + Number(digit)));

describe('where the numbers of a list stand', () => {
  test.each([
    [['Name', 'Phone', 'Mobile'], [1, 2], { columns: [1, 2], headless: false }],
    [['0501234567'], [], { columns: [0], headless: true }],
    [['x', '٠٥٠١٢٣٤٥٦٧'], [], { columns: [1], headless: true }],
    [['Nummer'], [], { columns: [0], headless: false }],
    [['12'], [], { columns: [0], headless: true }],
  ] as const)('%j', (header, named, found) => {
    expect(numberColumns(header, named, 'SA')).toEqual(found);
  });

  test('is asked for where nothing tells', () => {
    expect(() => numberColumns(['a', 'b'], [], 'SA')).toThrow(
      expect.objectContaining({ code: 'import_column_unmapped', field: 'phone' }),
    );
  });
});

describe('a list of numbers that are not to be called', () => {
  test('is counted in a try-out, then takes effect at once on queues and ringing calls, and can be taken back', async () => {
    const campaignId = await scene.addCampaign({ trunk: 'demo' });
    const shared = mobile();
    const [only = '', second = '', untouched = ''] = await scene.addPeople(
      [campaignId],
      [
        { phones: [shared], demo: true },
        { phones: [mobile(), shared], demo: true },
        { phones: [mobile()], demo: true },
      ],
    );
    const { reserved } = await scene.reserve(campaignId, { count: 3, now: Temporal.Now.instant() });
    const ringing = reserved.find((attempt) => attempt.partyId === only);
    await dispatch(scene.database, {
      floorId: 'main',
      epoch: 1n,
      attemptIds: [ringing?.attemptId ?? ''],
      trunk: 'main',
      callerId: null,
    });
    const text = `الجوال;ملاحظة\n${national(shared)};a\n${shared};b\n+966500000000;c\nabc;secret\n`;

    const dry = await take(text, { dryRun: true });
    expect(dry.result).toEqual({ rows: 4, numbers: 2, new: 2, already: 0, rejected: 1, people: 2, left: 0, calledOff: 1 });
    expect(await statesOf(only)).toEqual(['active']);

    const { listId, result } = await take(text, { createdBy: userId });
    expect(result).toEqual(dry.result);
    expect(readFileSync(errorsPath, 'utf8')).toContain('5,الجوال,no_valid_phone,row rejected');
    expect(readFileSync(errorsPath, 'utf8')).not.toContain('secret');
    expect([await statesOf(only), await statesOf(second), await statesOf(untouched)]).toEqual([
      ['revoked'],
      ['active', 'revoked'],
      ['active'],
    ]);
    const off = await scene.database
      .selectFrom('call_off')
      .select('reason')
      .where('attempt_id', '=', ringing?.attemptId ?? '')
      .execute();
    expect(off).toEqual([{ reason: 'number_left' }]);
    // Taken before, it is what it was; its file has been deleted.
    expect(await takeDoNotCallList(run(listId))).toEqual(result);
    const { file_path: file } = await scene.database
      .selectFrom('do_not_call_list')
      .select('file_path')
      .where('id', '=', listId)
      .executeTakeFirstOrThrow();
    expect(existsSync(file)).toBe(false);
    // The history knows what was done, and no number.
    const told = await scene.database
      .selectFrom('event')
      .select(['kind', 'body'])
      .where('subject_id', '=', listId)
      .orderBy('id')
      .execute();
    expect(told.map((event) => event.kind)).toEqual(['do_not_call.queued', 'do_not_call.reached', 'do_not_call.taken']);
    expect(JSON.stringify(told)).not.toContain(shared.slice(4));

    await liftDoNotCallList(run(listId), userId);
    expect([await statesOf(only), await statesOf(second)]).toEqual([['active'], ['active', 'active']]);
    expect(await readLists(scene.database, { demo: false }, listId)).toMatchObject([{ liftedBy: 'Root' }]);
    await expect(liftDoNotCallList(run(listId), userId)).rejects.toMatchObject({ code: 'list_lifted' });
  });

  test('whoever has no other number leaves the queue and stands in it again when the list ends; what others forbid stays so', async () => {
    const campaignId = await scene.addCampaign();
    const numbers = [mobile(), mobile(), mobile()];
    const people = await scene.addPeople(
      [campaignId],
      numbers.map((number) => ({ phones: [number] })),
    );
    const [free = '', alsoInCourt = '', unwilling = ''] = people;
    const rows = () => Promise.all(people.map((partyId) => scene.row(campaignId, partyId)));
    const { result, listId } = await take(numbers.join('\n'), { until: '2126-01-31' });
    expect(result).toMatchObject({ rows: 3, new: 3, people: 3, left: 3 });
    expect(await rows()).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ state: 'done', reason: 'no_number_left' })),
    );
    const court = await take(numbers[1] ?? '', { source: 'court', blocks: 'everything' });
    expect(court.result).toMatchObject({ numbers: 1, new: 0, already: 1, people: 0 });
    const phoneOf = async (number: string | undefined) =>
      (
        await scene.database
          .selectFrom('phone')
          .select('id')
          .where('e164', '=', number ?? '')
          .executeTakeFirstOrThrow()
      ).id;
    const consent = { userId, kind: 'contact', channel: 'call', source: 'call', reason: 'said so' } as const;
    const refused = { ...consent, partyId: unwilling, granted: false, phoneId: await phoneOf(numbers[2]) };
    await recordConsent(scene.database, refused);
    // A consent stands above a registry, not above a list that forbids everything.
    await recordConsent(scene.database, { ...consent, partyId: alsoInCourt, granted: true, phoneId: await phoneOf(numbers[1]) });
    expect(await statesOf(alsoInCourt)).toEqual(['revoked']);

    expect(await readExpiredLists(scene.database)).toEqual([]);
    await sql`update do_not_call_list set expires_at = clock_timestamp() where id = ${listId}`.execute(scene.database);
    expect(await readExpiredLists(scene.database)).toEqual([listId]);
    await liftDoNotCallList(run(listId), null);
    expect((await rows()).map((row) => row.state)).toEqual(['ready', 'done', 'done']);
    expect([await statesOf(free), await statesOf(alsoInCourt), await statesOf(unwilling)]).toEqual([
      ['active'],
      ['revoked'],
      ['revoked'],
    ]);
    expect(await readExpiredLists(scene.database)).toEqual([]);
  });

  test.each([
    ['a list', async (number: string) => (await take(number)).result.people],
    ['somebody’s own word', optOutAndHeed],
  ] as const)(
    'of %s reaches whoever an import gives one of its numbers just then, though neither sees what the other writes',
    async (_, listed) => {
      const campaignId = await scene.addCampaign();
      const number = mobile();
      const account = `X-${number}`;
      const importing = Promise.withResolvers<void>();
      const mayEnd = Promise.withResolvers<void>();
      const text = `Account,Name,Phone,Amount,Due date,Address\n${account},Nura Sami,${number},100,1446/07/01,Riyadh\n`;
      const request = { errorsPath: join(scratch.path, 'import-errors.csv'), profile: 'sa-bank', campaignId };
      const imported = importFile(scene.fresh, scratch.file('crossing.csv', text), request, {
        // All is written, and nobody sees it yet.
        async afterMerge() {
          importing.resolve();
          await mayEnd.promise;
        },
      });
      await Promise.race([importing.promise, imported.then(() => expect.fail('nothing was merged'))]);
      const people = listed(number);
      await eventually('the number is on the list, and what looks for its people waits for the import', async () => {
        const { rows } = await sql`
        select from do_not_call where e164 = ${number} and exists (
          select from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database()))`.execute(scene.database);
        return rows.length === 1;
      }).finally(() => mayEnd.resolve());
      await imported;
      expect(await people).toBe(1);
      const { party_id: partyId } = await scene.database
        .selectFrom('debt_party')
        .innerJoin('debt', 'debt.id', 'debt_id')
        .select('party_id')
        .where('account', '=', account)
        .executeTakeFirstOrThrow();
      expect(await statesOf(partyId)).toEqual(['revoked']);
    },
  );

  test('that cannot be read, names no country or has ended already is refused by name', async () => {
    const unreadable = await list('a,b\n1,2\n');
    await expect(takeDoNotCallList(run(unreadable))).rejects.toMatchObject({ code: 'import_column_unmapped' });
    expect(await readLists(scene.database, { demo: false }, unreadable)).toMatchObject([
      { state: 'failed', error: { code: 'import_column_unmapped', field: 'phone' } },
    ]);
    await expect(list('1', { country: 'ZZ' })).rejects.toMatchObject({ code: 'import_unknown_country', field: 'country' });
    await expect(list('1', { until: '2020-01-31' })).rejects.toMatchObject({ code: 'date_passed', field: 'until' });
  });
});
