import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mergePeople, undoMerge, type QueueHooks } from '../../server/debtors/matching/merge.ts';
import {
  countProposals,
  listMerges,
  listProposals,
  proposeMatches,
  rejectProposal,
} from '../../server/debtors/matching/proposals.ts';
import { lockPeople } from '../../server/queue/locks.ts';
import { openDesk, type Desk, type Row } from './import-desk.ts';
import { importFile } from './lists.ts';

let desk: Desk;
let userId: string;
beforeAll(async () => {
  desk = await openDesk();
  const user = await desk.fresh.database
    .insertInto('app_user')
    .values({ login: 'admin', display_name: 'Admin', role: 'admin', password_hash: 'x' })
    .returning('id')
    .executeTakeFirstOrThrow();
  userId = user.id;
});
afterAll(() => desk.close());

const hooks: QueueHooks = { lockPeople, afterMerge: async () => undefined };
const viewer = { demo: false };

async function bring(rows: readonly Row[], creditorId: string): Promise<void> {
  await importFile(desk.fresh, ...desk.list(rows, creditorId));
  const last = await desk.fresh.database
    .selectFrom('import')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  await proposeMatches(desk.fresh.database, last.id);
}

async function partiesOf(creditorId: string): Promise<string[]> {
  return (await desk.debtorsOf(creditorId)).map((row) => row.party);
}

const IBAN = 'SA0380000000608010167519';

describe('proposals', () => {
  test('name a pair that shares name and number where one has an identifier that failed its check, and not again once decided', async () => {
    const id = await desk.creditor();
    const rows = [
      { account: 'A', name: 'يوسف الغامدي', id: '1453036863', phones: '0506666666' },
      { account: 'B', name: 'يوسف الغامدي', id: '1453036864', phones: '0506666666' },
    ];
    await bring(rows, id);
    const open = await listProposals(desk.fresh.database, viewer);
    const [a, b] = (await partiesOf(id)).toSorted();
    expect(open.map((one) => [one.reason, one.a.id, one.b.id])).toEqual([['same_name_and_phone', a, b]]);
    expect(open[0]?.agreement).toMatchObject({ name: 'agrees', phones: 'agrees', identity: 'unknown', ibans: 'unknown' });
    expect(open.flatMap((one) => [...one.a.debts, ...one.b.debts].map((debt) => debt.account)).toSorted()).toEqual(['A', 'B']);
    expect(await rejectProposal(desk.fresh.database, open[0]?.id ?? '', { userId, ...viewer })).toBe(true);
    await bring([...rows, { account: 'C', name: 'يوسف الغامدي', id: '1453036863', phones: '0506666666' }], id);
    expect(await listProposals(desk.fresh.database, viewer)).toEqual([]);
    expect(await countProposals(desk.fresh.database, viewer)).toEqual({ open: 0, merged: 0, apart: 1 });
    const kept = await desk.fresh.database
      .selectFrom('event')
      .select(['subject_id', 'body'])
      .where('kind', '=', 'people.kept_apart')
      .execute();
    expect(kept).toMatchObject([{ subject_id: open[0]?.id, body: { a, b } }]);
  });

  test('leave alone people who share a number only, and people with two valid identifiers', async () => {
    const id = await desk.creditor();
    await bring(
      [
        { account: 'A', name: 'خالد الشهري', phones: '0503333333' },
        { account: 'B', name: 'سارة الشهري', phones: '0503333333' },
        { account: 'C', name: 'نورة الشهري', id: '2620408381', phones: '0503333334' },
        { account: 'D', name: 'نورة الشهري', id: '1599213624', phones: '0503333334' },
      ],
      id,
    );
    expect(await listProposals(desk.fresh.database, viewer)).toEqual([]);
  });

  test('an IBAN with the same name makes two accounts one person, with another name it is proposed', async () => {
    const id = await desk.creditor();
    const text =
      `Account,Name,Phones,Amount,Due date,Address,IBAN\nA,منى الدوسري,0507777771,5,2025/01/31,جدة,${IBAN}\n` +
      `B,منى الدوسري,0507777772,5,2025/01/31,جدة,SA03 8000 0000 6080 1016 7519\nC,فهد الدوسري,0507777773,5,2025/01/31,جدة,${IBAN}\n` +
      'D,سعد الدوسري,0507777774,5,2025/01/31,جدة,SA0380000000608010167518\n';
    const request = {
      profile: 'sa-bank',
      options: { calendar: 'gregorian' } as const,
      creditorId: id,
      errorsPath: desk.errorsPath,
    };
    const result = await importFile(desk.fresh, desk.file(text), request);
    expect(result).toMatchObject({ debtors: 3, warnings: { bad_iban: 1 } });
    const { rows } = await sql<{ id: string }>`select id from import order by id desc limit 1`.execute(desk.fresh.database);
    await proposeMatches(desk.fresh.database, rows[0]?.id ?? '');
    expect((await listProposals(desk.fresh.database, viewer)).map((one) => one.reason)).toEqual(['same_iban']);
  });
});

describe('a merge', () => {
  async function twoPeople(): Promise<{ creditorId: string; kept: string; gone: string }> {
    const creditorId = await desk.creditor();
    const number = 510_000_000 + Math.trunc(Number(creditorId.replaceAll(/\D/g, '').slice(-6)));
    await bring(
      [
        { account: 'A', name: 'ريم القحطاني', phones: `0${number}` },
        { account: 'B', name: 'ريم القحطانى الأولى', phones: `0${number + 1}` },
      ],
      creditorId,
    );
    const [kept = '', gone = ''] = await partiesOf(creditorId);
    return { creditorId, kept, gone };
  }

  async function belongings(partyId: string): Promise<unknown> {
    const { rows } = await sql`
      select (select count(*) from debt_party where party_id = ${partyId}) as debts, (select count(*) from party_phone where party_id = ${partyId} and state = 'active') as phones,
        (select count(*) from hold where party_id = ${partyId}) as holds, merged_into, identity_value, time_zones
      from party where id = ${partyId}`.execute(desk.fresh.database);
    return rows[0];
  }

  test('moves everything of one person to the other, and undoing it brings it back', async () => {
    const { kept, gone } = await twoPeople();
    await sql`insert into hold (party_id, kind) values (${gone}, 'dispute')`.execute(desk.fresh.database);
    // A number that both have, and that one of them does not want called.
    await sql`insert into party_phone (party_id, phone_id, rank, state)
      select ${gone}, phone_id, 9, 'revoked' from party_phone where party_id = ${kept}`.execute(desk.fresh.database);
    const before = [await belongings(kept), await belongings(gone)];
    const mergeId = await mergePeople(desk.fresh.database, hooks, { keptId: kept, goneId: gone, userId });
    expect(await belongings(kept)).toMatchObject({ debts: 2n, phones: 1n, holds: 1n, merged_into: null });
    expect(await belongings(gone)).toMatchObject({ debts: 0n, phones: 0n, holds: 0n, merged_into: kept });
    expect(await listMerges(desk.fresh.database, viewer)).toMatchObject([
      { id: mergeId, keptId: kept, by: 'Admin', undoneAt: null },
    ]);
    expect(await listMerges(desk.fresh.database, { demo: true })).toEqual([]);
    await expect(undoMerge(desk.fresh.database, hooks, mergeId, { userId, demo: true })).rejects.toMatchObject({
      code: 'demo_and_real',
    });
    await undoMerge(desk.fresh.database, hooks, mergeId, { userId, ...viewer });
    expect([await belongings(kept), await belongings(gone)]).toEqual(before);
    await expect(undoMerge(desk.fresh.database, hooks, mergeId, { userId, ...viewer })).rejects.toMatchObject({
      code: 'merge_undone',
    });
  });

  test('is kept by the next list, whichever of the two it identifies', async () => {
    const creditorId = await desk.creditor();
    const rows = [
      { account: 'A', name: 'ليلى حسن', phones: '0511111111' },
      { account: 'B', name: 'ليلى حسن', id: '2000000006', phones: '0511111112' },
    ];
    await bring(rows, creditorId);
    const [kept = '', gone = ''] = await partiesOf(creditorId);
    await mergePeople(desk.fresh.database, hooks, { keptId: kept, goneId: gone, userId });
    await bring([...rows, { account: 'C', name: 'ليلى حسن', id: '2000000006', phones: '0511111112' }], creditorId);
    expect(new Set(await partiesOf(creditorId))).toEqual(new Set([kept]));
  });

  test('of people whose identifiers differ, who stand for one debt, of one on the line, or of one person is refused by name', async () => {
    const creditorId = await desk.creditor();
    await bring(
      [
        { account: 'A', name: 'بدر', id: '2620408381', phones: '0512222221' },
        { account: 'B', name: 'بدر', id: '1599213624', phones: '0512222222' },
      ],
      creditorId,
    );
    const [a = '', b = ''] = await partiesOf(creditorId);
    const merging = (keptId: string, goneId: string) => mergePeople(desk.fresh.database, hooks, { keptId, goneId, userId });
    await expect(merging(a, b)).rejects.toMatchObject({ code: 'persons_differ' });
    await expect(merging(a, a)).rejects.toMatchObject({ code: 'same_person' });
    const { kept, gone } = await twoPeople();
    // A debtor and their guarantor are two, whatever else they share.
    const beside = await desk.fresh.database
      .insertInto('debt_party')
      .columns(['debt_id', 'party_id', 'role'])
      .expression((eb) =>
        eb
          .selectFrom('debt_party')
          .select(['debt_id', sql<string>`${gone}::uuid`.as('party_id'), sql<'guarantor'>`'guarantor'`.as('role')])
          .where('party_id', '=', kept)
          .limit(1),
      )
      .returning('debt_id')
      .executeTakeFirstOrThrow();
    await expect(merging(kept, gone)).rejects.toMatchObject({ code: 'stand_for_one_debt' });
    await desk.fresh.database
      .deleteFrom('debt_party')
      .where('debt_id', '=', beside.debt_id)
      .where('party_id', '=', gone)
      .execute();
    await sql`insert into live_contact (party_id, phone_id, attempt_id, channel) values (${gone}, uuidv7(), uuidv7(), 'call')`.execute(
      desk.fresh.database,
    );
    await expect(merging(kept, gone)).rejects.toMatchObject({ code: 'person_in_contact' });
  });
});
