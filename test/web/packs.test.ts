import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQueuedPeople } from '../../server/compliance/store.ts';
import { openWeb, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let admin: string;
let supervisor: string;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  await web.addUser('over', 'supervisor');
  admin = await web.cookieOf('root');
  supervisor = await web.cookieOf('over');
});
afterAll(() => web.close());

const saved = { reason: 'a decree', effectiveFrom: '2026-01-01' };
const hours = (from: string, to: string) => [{ days: [1, 2], from, to, channels: ['call'], evidence: 'V2' }];

describe('rule packs', () => {
  test('are listed with how well their rules are known', async () => {
    const { status, body } = await web.ask(supervisor, 'GET', '/api/v1/rule-packs');
    expect(status).toBe(200);
    expect(body).toContainEqual(
      expect.objectContaining({
        id: 'KW',
        countries: ['KW'],
        evidence: { V0: 2 },
        current: { version: 1, author: 'shipped', reason: expect.any(String), effectiveFrom: '2026-01-01', inForce: true },
        next: null,
      }),
    );
  });

  test('show their week, with what they inherit', async () => {
    const { body } = await web.ask(supervisor, 'GET', '/api/v1/rule-packs/US-MA');
    expect(body).toMatchObject({ base: 'US-REGF', shown: 1, versions: [{ version: 1 }] });
    expect(body.grid).toContainEqual({ channel: 'call', weekday: 7, from: 480, to: 1260, evidence: 'V1' });
    expect(await web.ask(supervisor, 'GET', '/api/v1/rule-packs/ATLANTIS')).toMatchObject({
      status: 404,
      body: { code: 'unknown_pack' },
    });
  });

  test('say who is callable when, by law alone', async () => {
    const person = (name: string, zone: string) => ({
      display_name: name,
      folded_name: name,
      country: 'GB',
      time_zones: [zone],
    });
    await web.database
      .insertInto('party')
      .values([person('a', 'Europe/London'), person('b', 'Europe/London'), person('c', 'Europe/Gibraltar')])
      .execute();
    const { body } = await web.ask(supervisor, 'GET', '/api/v1/rule-packs/UK/callable');
    const { people, hours: week } = body as { people: number; hours: { at: string; people: number }[] };
    expect([people, week.length]).toEqual([3, 168]);
    const atNoon = week.filter(({ at }) => at.includes('T12:00'));
    expect(atNoon.map((hour) => hour.people)).toEqual([3, 3, 3, 3, 3, 3, 3]);
    expect(week.filter(({ at }) => at.includes('T02:00')).every((hour) => hour.people === 0)).toBe(true);
  });

  test('of a state concern its people, not the whole country', async () => {
    const person = (name: string, regions: string[]) => ({
      display_name: name,
      folded_name: name,
      country: 'US',
      time_zones: ['America/New_York'],
      regions,
    });
    await web.database
      .insertInto('party')
      .values([person('d', ['US-MA']), person('e', ['US-NY'])])
      .execute();
    expect((await web.ask(supervisor, 'GET', '/api/v1/rule-packs/US-MA/callable')).body).toMatchObject({ people: 1 });
  });

  test('are changed by admins, with a reason and a date', async () => {
    const rules = { countries: ['QA'], hours: hours('10:00', '11:00') };
    const change = { id: 'QA', version: 1, ...saved, rules };
    expect((await web.ask(supervisor, 'POST', '/api/v1/rule-packs', change)).status).toBe(403);
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', { ...change, reason: ' ' })).toMatchObject({
      status: 400,
      body: { field: 'reason' },
    });
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', change)).toMatchObject({
      status: 201,
      body: {
        shown: 2,
        grid: [
          { channel: 'call', weekday: 1, from: 600, to: 660, evidence: 'V2' },
          { channel: 'call', weekday: 2, from: 600, to: 660, evidence: 'V2' },
        ],
        versions: [
          { version: 2, author: 'Name of root', reason: 'a decree', inForce: true },
          { version: 1, inForce: false },
        ],
      },
    });
    expect((await web.ask(admin, 'GET', '/api/v1/rule-packs/QA?version=1')).body).toMatchObject({
      shown: 1,
      current: { version: 2 },
    });
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', change)).toMatchObject({
      status: 409,
      body: { code: 'stale_version', details: { version: 2 } },
    });
    const overlapping = { ...rules, hours: [...hours('10:00', '12:00'), ...hours('11:00', '13:00')] };
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', { ...change, version: 2, rules: overlapping })).toMatchObject({
      status: 422,
      body: { code: 'overlapping_hours', field: 'hours.1' },
    });
    const closed = { countries: ['QA'], hours: [{ ...hours('10:00', '12:00')[0], channels: ['sms'] }] };
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', { ...change, version: 2, rules: closed })).toMatchObject({
      status: 409,
      body: { code: 'blocks_everybody', details: { people: 0, countries: ['QA'] } },
    });
  });
});

describe('a new pack', () => {
  const rules = { name: 'Jordan', countries: ['JO'], hours: [{ ...hours('08:00', '16:00')[0], days: [1, 2, 3, 4, 5, 6, 7] }] };
  const asked = { id: 'JO', version: 0, ...saved, rules };

  test('says before it is saved what it would do for the debtors who wait, and what is wrong with it', async () => {
    const party = await web.database
      .insertInto('party')
      .values({ display_name: 'j', folded_name: 'j', country: 'JO', time_zones: ['Asia/Amman'] })
      .returning('id')
      .executeTakeFirstOrThrow();
    const campaign = await web.database
      .insertInto('campaign')
      .values({ name: 'Amman', settings: '{}' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await web.database.insertInto('dial_queue').values({ campaign_id: campaign.id, party_id: party.id }).execute();
    const tried = (await web.ask(supervisor, 'POST', '/api/v1/rule-packs/preview', { id: 'JO', rules })).body;
    expect(tried).toMatchObject({ people: 1, oneIn: 1, blocked: null, faults: [], now: { before: 0, closed: 0 } });
    const week = tried.hours as { before: number; after: number }[];
    expect([week.filter((hour) => hour.after === 1).length, week.every((hour) => hour.before === 0)]).toEqual([7 * 8, true]);
    const nobody = { ...rules, channels: { deny: ['call'], evidence: 'V0' } };
    expect((await web.ask(supervisor, 'POST', '/api/v1/rule-packs/preview', { id: 'JO', rules: nobody })).body).toMatchObject({
      blocked: { people: 1, countries: ['JO'] },
    });
    // Of very many people some are looked at, drawn from all over the table; of few all are.
    await sql`
      with made as (
        insert into party (display_name, folded_name, country, time_zones)
        select 'k', 'k', 'KE', array['Africa/Nairobi'] from generate_series(1, 4000) returning id
      )
      insert into dial_queue (campaign_id, party_id) select ${campaign.id}, id from made`.execute(web.database);
    const looked = async (atLeast: number) => {
      const { groups, oneIn } = await readQueuedPeople(web.database, ['KE'], { of: 500, atLeast });
      return { oneIn, people: groups.reduce((sum, group) => sum + group.people, 0) };
    };
    expect(await looked(4_000)).toEqual({ oneIn: 1, people: 4_000 });
    const sampled = await looked(1);
    expect(sampled.oneIn).toBeGreaterThan(1);
    expect(sampled.people).toBeLessThan(4_000);
    const wrong = { ...rules, countries: ['JO', 'ZZ'], regions: ['JO-AM', 'US-ZZ'] };
    expect((await web.ask(supervisor, 'POST', '/api/v1/rule-packs/preview', { id: 'JO', rules: wrong })).body).toMatchObject({
      faults: [
        { code: 'unknown_country', field: 'countries.1' },
        { code: 'unknown_region', field: 'regions.1' },
      ],
    });
  });

  test('is refused where its place or its name is none, and once it is there nobody makes it again', async () => {
    const make = (change: object) => web.ask(admin, 'POST', '/api/v1/rule-packs', { ...asked, ...change });
    expect(await make({ rules: { ...rules, regions: ['ZZ-A'] } })).toMatchObject({
      status: 422,
      body: { code: 'unknown_country', field: 'regions.0' },
    });
    expect(await make({ rules: { ...rules, regions: ['JO-AM', 'US-ZZ'] } })).toMatchObject({
      status: 422,
      body: { code: 'unknown_region', field: 'regions.1' },
    });
    expect(await make({ id: 'kw' })).toMatchObject({
      status: 409,
      body: { code: 'pack_exists', field: 'id', details: { pack: 'KW' } },
    });
    expect(await make({})).toMatchObject({ status: 201, body: { id: 'JO', name: 'Jordan', shown: 1 } });
    expect(await make({})).toMatchObject({ status: 409, body: { code: 'pack_exists' } });
  });

  test('may build on what is still to come, from that day on', async () => {
    const base = { ...asked, id: 'later', effectiveFrom: '2030-01-01', rules: { hours: rules.hours } };
    expect((await web.ask(admin, 'POST', '/api/v1/rule-packs', base)).status).toBe(201);
    const child = { ...asked, id: 'child', rules: { base: 'later' } };
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', child)).toMatchObject({ body: { code: 'unknown_base' } });
    const then = await web.ask(admin, 'POST', '/api/v1/rule-packs', { ...child, effectiveFrom: '2030-01-02' });
    expect([then.status, (then.body.grid as unknown[]).length]).toEqual([201, 7]);
    // On its first day it inherits nothing of itself; half a year later it would, and nobody could be called any more.
    const kuwait = { id: 'KW', version: 1, ...saved, rules: { countries: ['KW'], base: 'later' } };
    expect((await web.ask(admin, 'POST', '/api/v1/rule-packs', { ...kuwait, effectiveFrom: '2030-06-01' })).status).toBe(201);
    const circle = { ...base, version: 1, rules: { ...base.rules, base: 'KW' } };
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', circle)).toMatchObject({ body: { code: 'inherits_itself' } });
  });

  test('leaves nobody unserved unasked: a country taken out of a pack blocks its people', async () => {
    const without = { id: 'JO', version: 1, ...saved, rules: { ...rules, countries: [] } };
    expect(await web.ask(admin, 'POST', '/api/v1/rule-packs', without)).toMatchObject({
      status: 409,
      body: { code: 'blocks_everybody', details: { people: 1, countries: ['JO'] } },
    });
  });
});

test('what a creditor asks beyond a pack is listed', async () => {
  const creditor = await web.database.insertInto('creditor').values({ name: 'Bank' }).returning('id').executeTakeFirstOrThrow();
  const asked = {
    scope: 'creditor',
    subjectId: creditor.id,
    tightens: 'SA',
    version: 0,
    ...saved,
    rules: { hours: hours('10:00', '12:00') },
  };
  expect(await web.ask(admin, 'POST', '/api/v1/rule-overrides', asked)).toMatchObject({ status: 201, body: { version: 1 } });
  expect((await web.ask(supervisor, 'GET', '/api/v1/rule-overrides')).body).toMatchObject([
    {
      scope: 'creditor',
      subjectId: creditor.id,
      subject: 'Bank',
      tightens: 'SA',
      version: 1,
      inForce: true,
      rules: { hours: [{ from: '10:00' }] },
    },
  ]);
});

test('what a campaign asks is shown beside the law, tried out, refused by name where it loosens, and counted where it blocks everybody', async () => {
  const campaign = await web.database
    .insertInto('campaign')
    .values({ name: 'June', settings: '{}' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const person = (name: string) => ({ display_name: name, folded_name: name, country: 'AE', time_zones: ['Asia/Dubai'] });
  const people = await web.database
    .insertInto('party')
    .values([person('d'), person('e')])
    .returning('id')
    .execute();
  await web.database
    .insertInto('dial_queue')
    .values(people.map(({ id }) => ({ campaign_id: campaign.id, party_id: id })))
    .execute();
  const of = `/api/v1/rule-overrides/campaign/${campaign.id}/AE`;
  const law = (await web.ask(supervisor, 'GET', of)).body;
  expect(law).toMatchObject({ subject: 'June', version: 0, rules: {}, versions: [] });
  expect(law.grid).toEqual(law.lawGrid);
  const [open] = (law.lawGrid as { channel: string; weekday: number; from: number; to: number }[]).filter(
    (range) => range.channel === 'call',
  );
  const weekday = open?.weekday ?? 1;
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:00`;
  const from = clock(open?.from ?? 0);
  const oneHour = { hours: [{ days: [weekday], from, to: clock((open?.from ?? 0) + 60), channels: ['call'], evidence: 'V0' }] };
  const whose = { scope: 'campaign', subjectId: campaign.id, tightens: 'AE' };
  const tried = (await web.ask(supervisor, 'POST', '/api/v1/rule-overrides/preview', { ...whose, rules: oneHour })).body;
  expect(tried).toMatchObject({ people: 2, partly: false, faults: [] });
  const week = tried.hours as { before: number; after: number }[];
  expect(week.filter((hour) => hour.after > 0)).toHaveLength(1);
  expect(week.filter((hour) => hour.before > 0).length).toBeGreaterThan(1);
  const loose = { hours: [{ ...oneHour.hours[0], from: '00:00', to: '23:00' }] };
  expect((await web.ask(supervisor, 'POST', '/api/v1/rule-overrides/preview', { ...whose, rules: loose })).body).toMatchObject({
    faults: [{ code: 'loosening_override', field: 'hours.0' }],
  });
  const change = { ...whose, version: 0, ...saved };
  const closed = { channels: { deny: ['call'], evidence: 'V0' } };
  expect(await web.ask(admin, 'POST', '/api/v1/rule-overrides', { ...change, rules: closed })).toMatchObject({
    status: 409,
    body: { code: 'blocks_everybody', details: { people: 2, countries: ['AE'] } },
  });
  expect((await web.ask(supervisor, 'POST', '/api/v1/rule-overrides', { ...change, rules: oneHour })).status).toBe(403);
  expect(await web.ask(admin, 'POST', '/api/v1/rule-overrides', { ...change, rules: oneHour })).toMatchObject({ status: 201 });
  const after = (await web.ask(supervisor, 'GET', of)).body;
  expect(after).toMatchObject({ version: 1, rules: oneHour, versions: [{ version: 1, author: 'Name of root', inForce: true }] });
  expect((after.grid as { channel: string }[]).filter((range) => range.channel === 'call')).toHaveLength(1);
  expect(
    await web.ask(admin, 'POST', '/api/v1/rule-overrides', { ...change, version: 1, rules: closed, acceptBlocked: true }),
  ).toMatchObject({ status: 201, body: { version: 2 } });
  expect((await web.ask(supervisor, 'GET', '/api/v1/creditors')).body).toMatchObject([{ name: 'Bank' }]);
});

test('holidays are started, added, confirmed and removed', async () => {
  expect((await web.ask(admin, 'POST', '/api/v1/holidays/start', { country: 'EG', year: 2026 })).body.added).toBeGreaterThan(5);
  const added = await web.ask(admin, 'POST', '/api/v1/holidays', { country: 'EG', date: '2026-03-01', name: 'A day' });
  expect(added).toMatchObject({ status: 201, body: { status: 'confirmed' } });
  const url = `/api/v1/holidays/${String(added.body.id)}`;
  expect((await web.ask(admin, 'PATCH', url, { status: 'removed' })).body).toMatchObject({ status: 'removed' });
  expect((await web.ask(supervisor, 'PATCH', url, { status: 'confirmed' })).status).toBe(403);
  const listed = await web.ask(supervisor, 'GET', '/api/v1/holidays?country=EG&year=2026');
  expect(listed.body).toContainEqual(expect.objectContaining({ date: '2026-03-01', status: 'removed' }));
  expect(await web.ask(admin, 'POST', '/api/v1/holidays', { country: 'EG', date: '2026-02-30', name: 'None' })).toMatchObject({
    status: 422,
    body: { code: 'impossible_date', field: 'date' },
  });
});

test('an account of the demo changes no rules once real people can be called', async () => {
  await web.addUser('demo.admin', 'admin', { demo: true });
  const demo = await web.cookieOf('demo.admin');
  const change = { id: 'BH', version: 1, ...saved, rules: { countries: ['BH'], hours: hours('10:00', '11:00') } };
  expect((await web.ask(demo, 'POST', '/api/v1/rule-packs', change)).status).toBe(201);
  await web.addTrunk('carrier', 'real', false);
  expect(await web.ask(demo, 'POST', '/api/v1/rule-packs', { ...change, version: 2 })).toMatchObject({
    status: 403,
    body: { code: 'demo_and_real' },
  });
});
