import { sql } from 'kysely';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RELATED_ROLES, type RelatedRole } from '../../server/contract/by-hand.ts';
import { fieldOf, mapHeader } from '../../server/debtors/import/headers.ts';
import { createRelationReader, type StatedRelation } from '../../server/debtors/import/related/rows.ts';
import {
  decideRelations,
  newStatements,
  type Decision,
  type ListedRelation,
  type RelatedDebt,
} from '../../server/debtors/import/related/rules.ts';
import { createImport } from '../../server/debtors/import/imports.ts';
import { nameAndContact } from '../../server/debtors/import/rules.ts';
import { runImport } from '../../server/debtors/import/run.ts';
import { undoImport } from '../../server/debtors/import/undo.ts';
import { openDesk, type Desk } from './import-desk.ts';
import { importFile } from './lists.ts';

describe('columns of guarantors, co-debtors and attorneys', () => {
  test.each([
    ['guarantor', 'Guarantor, Co-signer, Cosigner name, كفيل, الكفيل, اسم الكفيل الأول, ضامن, نام ضامن دوم'],
    [
      'guarantor_phone',
      'guarantor_phone, Co-signer Mobile, Guarantor 2 phone, جوال الكفيل, رقم هاتف الكفيل الثاني, تلفن همراه ضامن',
    ],
    ['co_debtor', 'Co-debtor, co borrower name, المدين المشارك, هم‌بدهکار'],
    ['co_debtor_phone', 'Joint borrower phone, هاتف المدين المشارك, شماره تماس بدهکار مشترک'],
    ['attorney', 'Attorney, Lawyer name, المحامي, نام وکیل'],
    ['attorney_phone', 'attorney telephone, رقم جوال المحامي, تلفن وکیل'],
    ['phone', 'تلفن دوم, Phone 2'],
  ])('are known by their headers: %s', (field, headers) => {
    expect(headers.split(', ').map(fieldOf)).toEqual(headers.split(', ').map(() => field));
  });

  const reader = (header: string) => {
    const read = createRelationReader(mapHeader(header.split(','), {}, []), 'SA');
    return (row: string) => {
      const { related = [], faults = [] } = read?.(row.split(',')) ?? {};
      const said = related.map(({ role, place, person }) => [
        role,
        place,
        person && [person.name, ...person.phones.map((phone) => phone.e164)].join(' '),
      ]);
      return { said, faults: faults.map(({ reason, column }) => [reason, column]) };
    };
  };

  test('name one person each, of whom a name alone is enough; what is no number or has no name is left out and told', () => {
    const read = reader('Guarantor,Guarantor phone,Attorney');
    expect(read('Omar  Ali,٠٥٠١٢٣٠٠٧٧;0501230078,Counsel').said).toEqual([
      ['guarantor', 1, 'Omar Ali +966501230077 +966501230078'],
      ['attorney', 1, 'Counsel'],
    ]);
    expect(read('لا يوجد,,-')).toEqual({ said: [], faults: [] });
    expect(read('Omar,12,')).toEqual({ said: [['guarantor', 1, null]], faults: [['bad_related_phone', 'Guarantor phone']] });
    expect(read(',0501230077,')).toEqual({ said: [['guarantor', 1, null]], faults: [['related_without_name', 'Guarantor']] });
  });

  test('of two guarantors give each their own numbers', () => {
    const inTurn = reader('Guarantor 1,Guarantor 1 phone,Guarantor 1 home phone,Guarantor 2,Guarantor 2 phone');
    const two = [
      ['guarantor', 1, 'Omar +966501230077'],
      ['guarantor', 2, 'Ali +966501230078'],
    ];
    expect(inTurn('Omar,0501230077,,Ali,0501230078').said).toEqual(two);
    expect(reader('Guarantor 1,Guarantor 2,Guarantor phone 1,Guarantor phone 2')('Omar,Ali,0501230077,0501230078').said).toEqual(
      two,
    );
  });

  test('cost a list that has none of them nothing: it has no reader of them', () => {
    expect(createRelationReader(mapHeader(['Name', 'Phone'], {}, []), 'SA')).toBeNull();
  });
});

test('whatever lists say one after another, nobody stands for a debt twice or beside themselves as debtor, and a list said again is no news', () => {
  const person = fc.record({ name: fc.constantFrom('omar', 'ali', 'sara'), number: fc.constantFrom('', '+1', '+2') });
  const row = fc.record(Object.fromEntries(RELATED_ROLES.map((role) => [role, fc.option(person)])));
  fc.assert(
    fc.property(fc.array(fc.array(row, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 4 }), (lists) => {
      const world = new World();
      for (const rows of lists) {
        const said = rows.map((each) =>
          RELATED_ROLES.flatMap((role): StatedRelation[] => (each[role] ? [stated(role, each[role])] : [])),
        );
        expect(world.take(said).twice).toBe(0);
        expect(world.take(said)).toEqual({ twice: 0, news: 0 });
        expect(world.debtors()).toEqual(['debtor', 'debtor']);
      }
    }),
    { numRuns: 2_000 },
  );
});

/** Two debts whose debtors have the same name and number, and all who come to stand for them, as lists are taken. */
class World {
  private made = 0;
  private readonly standing = [0, 1].map((debt) => new Map<string, RelatedRole | 'debtor'>([[`debtor ${debt}`, 'debtor']]));
  private readonly listed: ListedRelation[][] = [[], []];
  private readonly people = new Map([0, 1].map((debt) => [`debtor ${debt}`, { name: 'omar', numbers: new Set(['+1']) }]));

  take(said: readonly StatedRelation[][]): { twice: number; news: number } {
    const debts = said.map((relations, debt): RelatedDebt => ({
      debtId: String(debt),
      stated: relations,
      standing: [...this.stood(debt)].map(([partyId, role]) => ({ partyId, role })),
      listed: this.listed[debt] ?? [],
    }));
    const named = [...this.people].flatMap(([id, { name, numbers }]) =>
      [...numbers].map((number) => [nameAndContact(name, number), id] as const),
    );
    const known = new Map([...Map.groupBy(named, ([key]) => key)].map(([key, holders]) => [key, holders.map(([, id]) => id)]));
    const statements = newStatements(debts, RELATED_ROLES);
    const decisions = decideRelations(statements, debts, known, () => `person ${(this.made += 1)}`);
    for (const { debtId, before, removed } of decisions) if (removed && before) this.stood(Number(debtId)).delete(before.partyId);
    const twice = decisions.filter(({ debtId, added, partyId }) => added && this.stood(Number(debtId)).has(partyId ?? '')).length;
    for (const each of decisions) this.write(each);
    return { twice, news: statements.length };
  }

  debtors(): unknown[] {
    return [0, 1].map((debt) => this.stood(debt).get(`debtor ${debt}`));
  }

  private stood(debt: number): Map<string, RelatedRole | 'debtor'> {
    return this.standing[debt] ?? new Map();
  }

  private write({ debtId, role, place, person, partyId, added, brought }: Decision): void {
    const debt = Number(debtId);
    const rest = (this.listed[debt] ?? []).filter((each) => each.role !== role || each.place !== place);
    this.listed[debt] = rest;
    if (partyId === null || person === null) return;
    if (added) this.stood(debt).set(partyId, role);
    const { name, foldedName, digest, phones } = person;
    const numbers = this.people.get(partyId)?.numbers ?? new Set();
    for (const phone of phones) numbers.add(phone.e164);
    this.people.set(partyId, { name, numbers });
    const elsewhere = this.stood(1 - debt).has(partyId);
    rest.push({ role, place, partyId, digest, brought, name, foldedName, proven: false, elsewhere, numbers: [...numbers] });
  }
}

function stated(role: RelatedRole, { name, number }: { name: string; number: string }): StatedRelation {
  const phones = number === '' ? [] : [{ e164: number, country: 'SA', type: 'mobile', zones: [] }];
  return { role, place: 1, person: { name, foldedName: name, phones, digest: `${name} ${number}` } };
}

describe('a list that says who else stands for its debts', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
  });
  afterAll(() => desk.close());

  const HEADER = 'Account,Name,National ID,Phones,Amount,Due date,Address,الكفيل,جوال الكفيل,Co-debtor,Co-debtor phone,وکیل';
  async function take(creditorId: string, rows: readonly string[], dryRun = false) {
    const lines = rows.map((row, index) => {
      const [account, ...related] = row.split(',');
      return [account, `Debtor ${index}`, '', `050123450${index}`, '100', '2025/01/31', 'الرياض', ...related].join(',');
    });
    const path = desk.file([HEADER, ...lines].join('\n'));
    const options = { calendar: 'gregorian' } as const;
    return importFile(desk.fresh, path, { profile: 'sa-bank', options, creditorId, errorsPath: desk.errorsPath, dryRun });
  }
  async function standing(creditorId: string): Promise<string[]> {
    const { rows } = await sql<{ said: string }>`
      select concat_ws(' ', debt.account, link.role, party.display_name,
        (select string_agg(e164, ' ' order by rank) from party_phone number join phone on phone.id = number.phone_id where number.party_id = party.id)) as said
      from debt join debt_party link on link.debt_id = debt.id join party on party.id = link.party_id
      where debt.creditor_id = ${creditorId} and link.role <> 'debtor' order by 1`.execute(desk.fresh.database);
    return rows.map((row) => row.said);
  }
  async function undoLast(): Promise<void> {
    const last = await desk.fresh.database
      .selectFrom('import')
      .select('id')
      .where('undone_at', 'is', null)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    await undoImport({ ...desk.fresh, importId: last.id }, '0197a000-0000-7000-8000-000000000000');
  }

  test('makes them what people make by hand, counts them in a dry run, and says nothing new a second time', async () => {
    const id = await desk.creditor();
    const rows = [
      'A,Omar,0509990001,Debtor 0,0501234500,',
      'B,Omar,0509990001,,,Counsel',
      'C,Nobody,12,,,',
      // Whoever is known by name and number is the one meant.
      'D,Debtor 0,0501234500,,,',
    ];
    const counted = { new: 4, rejected: 0, related: { added: 5, changed: 0, removed: 0 }, warnings: { bad_related_phone: 1 } };
    expect(await take(id, rows, true)).toMatchObject(counted);
    expect(await standing(id)).toEqual([]);
    expect(await take(id, rows)).toMatchObject(counted);
    const all = [
      'A co_debtor Debtor 0 +966501234500',
      'A guarantor Omar +966509990001',
      'B attorney Counsel',
      'B guarantor Omar +966509990001',
      'D guarantor Debtor 0 +966501234500',
    ];
    expect(await standing(id)).toEqual(all);
    const { rows: people } = await sql<{ said: string }>`
      select name || ' ' || count(distinct party.id) as said from unnest(array['omar', 'debtor0']) name
      join party on folded_name = name group by name order by name`.execute(desk.fresh.database);
    // One Omar for both debts; the debtor A has the same name and number as their co-debtor, and is another all the same.
    expect(people).toEqual([{ said: 'debtor0 2' }, { said: 'omar 1' }]);
    expect(await take(id, rows)).toMatchObject({ duplicate: 4, updated: 0, related: { added: 0, changed: 0, removed: 0 } });
    expect(await standing(id)).toEqual(all);
  });

  test('goes on where it died between two batches, counts as if nothing had happened, and tells how far it is', async () => {
    const creditorId = await desk.creditor();
    const path = desk.file([HEADER, 'A,Ann,,0501234567,100,2025/01/31,x,Omar,0509992001,Omar,0509992001,'].join('\n'));
    const importId = await createImport(desk.fresh.database, {
      filePath: path,
      fileName: 'list.csv',
      profile: 'sa-bank',
      options: { calendar: 'gregorian' },
      campaignId: null,
      creditorId,
      dryRun: false,
    });
    const dies = () => Promise.reject(new Error('the worker is gone'));
    await expect(runImport({ ...desk.fresh, importId, afterRelate: dies })).rejects.toThrow('the worker is gone');
    expect(await standing(creditorId)).toEqual([]);
    // Named in two roles, one person has the first.
    const told: unknown[] = [];
    const result = await runImport({ ...desk.fresh, importId, onProgress: ({ related }) => told.push(related?.through ?? null) });
    expect(result).toMatchObject({ new: 1, related: { added: 1, changed: 0, removed: 0 } });
    // Its header is row 1.
    expect(told).toEqual([null, 2]);
    expect(await standing(creditorId)).toEqual(['A co_debtor Omar +966509992001']);
  });

  test('changes name, number and person, keeps what it cannot read and what people did by hand, and can be taken back', async () => {
    const id = await desk.creditor();
    const { database } = desk.fresh;
    const before = ['K,Huda,0509991001,Sami,0509991002,', 'L,Rami,0509991003,,,', 'M,Nour,0509991004,Zaid,0509991005,'];
    await take(id, before);
    // By hand, Zaid stands for M no more, and Layla does.
    await sql`
      delete from debt_party using party where party.id = party_id and folded_name = 'zaid'`.execute(database);
    await sql`
      with layla as (insert into party (display_name, folded_name, country) values ('Layla', 'layla', 'SA') returning id)
      insert into debt_party select debt.id, layla.id, 'guarantor' from debt, layla where creditor_id = ${id} and account = 'M'`.execute(
      database,
    );
    const standsBefore = await standing(id);
    const after = ['K,Hoda,0509991001;0509991011,Fahd,0509991012,Counsel', 'L,Rami,12,,,', 'M,,,Zaid,0509991005,'];
    expect(await take(id, after)).toMatchObject({
      updated: 3,
      related: { added: 1, changed: 2, removed: 1 },
      warnings: { bad_related_phone: 1 },
    });
    expect(await standing(id)).toEqual([
      'K attorney Counsel',
      'K co_debtor Fahd +966509991012',
      'K guarantor Hoda +966509991001 +966509991011',
      'L guarantor Rami +966509991003',
      'M guarantor Layla',
    ]);
    await undoLast();
    // What was learnt of people stays; who stands for what is as before.
    expect(await standing(id)).toEqual(
      standsBefore.map((said) => (said.startsWith('K guarantor') ? 'K guarantor Hoda +966509991001 +966509991011' : said)),
    );
    await take(id, after);
    expect((await standing(id)).filter((said) => said.startsWith('K'))).toEqual([
      'K attorney Counsel',
      'K co_debtor Fahd +966509991012',
      'K guarantor Hoda +966509991001 +966509991011',
    ]);
    await undoLast();
    await undoLast();
    expect(await standing(id)).toEqual(['M guarantor Layla']);
  });
});
