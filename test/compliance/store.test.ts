import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rulesFor } from '../../server/compliance/catalogue.ts';
import { judge } from '../../server/compliance/gate.ts';
import { addHoliday, decideHoliday, listHolidays, startHolidays } from '../../server/compliance/holidays/store.ts';
import { saveOverride, savePack } from '../../server/compliance/changes/store.ts';
import { SHIPPED_BEFORE, SHIPPED_PACKS } from '../../server/compliance/packs/shipped.ts';
import {
  catalogueAt,
  currentCatalogue,
  knownCatalogue,
  ruleMark,
  seedRulePacks,
  type RuleMark,
} from '../../server/compliance/store.ts';
import { eventually } from '../support/conditions.ts';
import { freshDatabase, type FreshDatabase } from '../support/database.ts';
import { factsOf, local } from './facts.ts';

const RIYADH = 'Asia/Riyadh';
let fresh: FreshDatabase;
let userId: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  const user = await fresh.database
    .insertInto('app_user')
    .values({ login: 'law', display_name: 'Law', role: 'admin', password_hash: '' })
    .returning('id')
    .executeTakeFirstOrThrow();
  userId = user.id;
});
afterAll(() => fresh.drop());

const author = () => ({ userId, demo: false });
const gulf = (from: string, to: string) => ({
  countries: ['KW'],
  hours: [{ days: [7, 1, 2, 3, 4], from, to, channels: ['call', 'sms'], evidence: 'V2' }],
});
const change = { id: 'KW', version: 1, reason: 'a decree', effectiveFrom: '2026-01-01', acceptBlocked: false };

async function kuwait(at: string, moment?: Temporal.Instant): Promise<string> {
  const { catalogue } = await (moment ? catalogueAt(fresh.database, moment) : currentCatalogue(fresh.database));
  const facts = factsOf({
    rules: rulesFor(catalogue, ['KW']),
    person: { countries: ['KW'], zones: ['Asia/Kuwait'], demo: false },
    phone: { id: 'p', country: 'KW', numberType: 'mobile', state: 'active', place: 'other' },
    enabledCountries: ['KW'],
  });
  const verdict = judge(facts, local(at, 'Asia/Kuwait'));
  return verdict.verdict === 'allow' ? 'allow' : verdict.reasons.map((reason) => reason.id).join();
}

describe('packs in the database', () => {
  test('are those that ship until somebody changes them', async () => {
    const { catalogue } = await currentCatalogue(fresh.database);
    expect([...catalogue.packs.keys()].toSorted()).toEqual(SHIPPED_PACKS.map((pack) => pack.id).toSorted());
    expect(await seedRulePacks(fresh.database)).toBe(SHIPPED_PACKS.length + SHIPPED_BEFORE.length);
    expect(await seedRulePacks(fresh.database)).toBe(0);
    expect((await currentCatalogue(fresh.database)).catalogue.packs.get('SA')).toEqual(catalogue.packs.get('SA'));
  });

  test('are compiled once for as long as no rule changes', async () => {
    const one = await currentCatalogue(fresh.database);
    const two = await currentCatalogue(fresh.database);
    expect(two.catalogue).toBe(one.catalogue);
    const { rows } = await sql<RuleMark>`select ${ruleMark}`.execute(fresh.database);
    const [mark] = rows;
    if (mark === undefined) throw new Error('no mark');
    expect(knownCatalogue(mark)?.catalogue).toBe(one.catalogue);
    expect(knownCatalogue({ ...mark, ruleSet: mark.ruleSet + 1n })).toBeNull();
  });

  test('change by a new version that judges from then on, and the old one still judges what was', async () => {
    expect(await kuwait('2026-04-19T09:30')).toBe('allow');
    const begun = Temporal.Now.instant();
    const { version } = await savePack(fresh.database, { ...change, rules: gulf('10:00', '12:00') }, author());
    expect(version).toBe(2);
    expect(await kuwait('2026-04-19T09:30')).toBe('hours');
    expect(await kuwait('2026-04-19T09:30', begun.subtract({ hours: 1 }))).toBe('allow');
    const events = await fresh.database.selectFrom('event').select(['kind', 'subject_id', 'actor']).execute();
    expect(events).toEqual([{ kind: 'rule_pack.changed', subject_id: 'KW', actor: userId }]);
  });

  test('change, and whoever the old ones refused is judged again in every campaign that goes on', async () => {
    await fresh.database
      .insertInto('campaign')
      .values([
        { name: 'goes on', settings: '{}', state: 'running' },
        { name: 'over', settings: '{}', state: 'ended' },
      ])
      .execute();
    await savePack(fresh.database, { ...change, id: 'BH', rules: { ...gulf('10:00', '12:00'), countries: ['BH'] } }, author());
    const asked = await fresh.database
      .selectFrom('outbox')
      .innerJoin('campaign', (join) => join.onTrue())
      .select(['job', 'name'])
      .whereRef(sql`outbox.payload ->> 'campaignId'`, '=', sql`campaign.id::text`)
      .execute();
    expect(asked).toEqual([{ job: 'campaign.requeue', name: 'goes on' }]);
  });

  test('that are to come judge from their date in their own zone', async () => {
    const rules = { ...gulf('13:00', '14:00'), zone: 'Asia/Kuwait' };
    await savePack(fresh.database, { ...change, version: 2, effectiveFrom: '2099-01-01', rules }, author());
    expect(await kuwait('2026-04-19T11:00')).toBe('allow');
    const begins = local('2099-01-01T00:00', 'Asia/Kuwait');
    expect(await kuwait('2099-01-04T11:00', begins.subtract({ seconds: 1 }))).toBe('allow');
    expect(await kuwait('2099-01-04T11:00', begins)).toBe('hours');
  });

  test('are not changed by an editor that was opened before another change', async () => {
    await expect(savePack(fresh.database, { ...change, rules: gulf('09:00', '10:00') }, author())).rejects.toMatchObject({
      code: 'stale_version',
      details: { version: 3 },
    });
  });

  test('are refused by name for what cannot be', async () => {
    const save = (rules: Record<string, unknown>) =>
      savePack(fresh.database, { ...change, id: 'NEW', version: 0, rules }, author());
    const known = { evidence: 'V0' };
    const cap = { id: 'c', scope: 'person', event: 'contact', max: 1, ...known };
    for (const [code, field, rules] of [
      ['inverted_hours', 'hours.0', { hours: [{ days: [1], from: '12:00', to: '10:00', channels: 'all', ...known }] }],
      ['cap_without_period', 'caps.0', { caps: [cap] }],
      ['inherits_itself', 'base', { base: 'NEW' }],
      ['unknown_base', 'base', { base: 'ATLANTIS' }],
      ['impossible_date', 'holidays.0.date', { holidays: [{ date: '2026-02-30', name: 'none', ...known }] }],
      ['unknown_zone', 'zone', { zone: 'Asia/Atlantis' }],
    ] as const) {
      await expect(save(rules)).rejects.toMatchObject({ code, field, status: 422 });
    }
    const circle = { id: 'US-REGF', version: 1, reason: 'r', effectiveFrom: '2026-01-01', acceptBlocked: true };
    await expect(savePack(fresh.database, { ...circle, rules: { base: 'US-MA' } }, author())).rejects.toMatchObject({
      code: 'inherits_itself',
    });
  });

  test('that would block everybody for ever are saved only when that is meant', async () => {
    await fresh.database
      .insertInto('party')
      .values([
        { display_name: 'a', folded_name: 'a', country: 'OM', time_zones: ['Asia/Muscat'] },
        { display_name: 'b', folded_name: 'b', country: 'OM' },
        { display_name: 'c', folded_name: 'c', country: 'OM', demo: true },
      ])
      .execute();
    const never = { countries: ['OM'], hours: [{ days: [1], from: '09:00', to: '10:00', channels: ['sms'], evidence: 'V0' }] };
    const oman = { ...change, id: 'OM', rules: never };
    await expect(savePack(fresh.database, oman, author())).rejects.toMatchObject({
      code: 'blocks_everybody',
      details: { people: 2, countries: ['OM'] },
    });
    expect((await savePack(fresh.database, { ...oman, acceptBlocked: true }, author())).version).toBe(2);
  });
});

describe('what a creditor asks beyond the law', () => {
  test('is kept by version, and refused where it would loosen', async () => {
    const creditor = await fresh.database
      .insertInto('creditor')
      .values({ name: 'Bank' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const hours = (from: string, to: string) => ({
      hours: [{ days: [1, 2, 3], from, to, channels: ['call'], evidence: 'V1' }],
    });
    const asked = {
      scope: 'creditor' as const,
      subjectId: creditor.id,
      tightens: 'SA',
      version: 0,
      reason: 'contract',
      effectiveFrom: '2026-01-01',
      acceptBlocked: false,
    };
    await expect(saveOverride(fresh.database, { ...asked, rules: hours('08:00', '12:00') }, author())).rejects.toMatchObject({
      code: 'loosening_override',
      field: 'hours.0',
    });
    await expect(
      saveOverride(fresh.database, { ...asked, subjectId: userId, rules: hours('10:00', '12:00') }, author()),
    ).rejects.toMatchObject({ code: 'unknown_creditor' });
    await saveOverride(fresh.database, { ...asked, rules: hours('10:00', '12:00') }, author());
    const { catalogue } = await currentCatalogue(fresh.database);
    const rules = rulesFor(catalogue, ['SA'], [], { creditorIds: [creditor.id], campaignId: null });
    expect(judge(factsOf({ rules }), local('2026-04-20T13:00', RIYADH)).verdict).toBe('deny');
    expect(rules.packVersions).toEqual({ SA: 1, [`creditor.${creditor.id}.SA`]: 1 });
  });
});

describe('holidays', () => {
  test('start from a table in which those of the moon are proposals', async () => {
    const added = await startHolidays(fresh.database, 'SA', 2026, userId);
    expect(added).toBeGreaterThan(5);
    expect(await startHolidays(fresh.database, 'SA', 2026, userId)).toBe(0);
    const days = await listHolidays(fresh.database, 'SA', 2026);
    expect(days).toContainEqual(
      expect.objectContaining({ date: '2026-09-23', name: 'National Day', status: 'confirmed', lunar: false }),
    );
    expect(days.filter((day) => day.lunar).every((day) => day.status === 'proposed')).toBe(true);
    expect(await startHolidays(fresh.database, 'ZZ', 2026, userId)).toBe(0);
  });

  test('close once they are confirmed, where a pack says that they do, and not any more when removed', async () => {
    const sa = SHIPPED_PACKS.find((pack) => pack.id === 'SA');
    if (sa === undefined) throw new Error('no pack');
    const { id: _id, version: _version, author: _author, reason: _reason, effectiveFrom: _from, ...rules } = sa;
    const rulesAt = async (moment: Temporal.Instant | null) => {
      const { catalogue } = await (moment ? catalogueAt(fresh.database, moment) : currentCatalogue(fresh.database));
      return rulesFor(catalogue, ['SA']);
    };
    const reasons = async (at: string, moment: Temporal.Instant | null = null): Promise<string[]> =>
      judge(factsOf({ rules: await rulesAt(moment) }), local(at, RIYADH)).reasons.map((reason) => reason.id);
    const clock = async (): Promise<Temporal.Instant> => {
      const { rows } = await sql<{ now: Temporal.Instant }>`select clock_timestamp() as now`.execute(fresh.database);
      return rows[0]?.now ?? Temporal.Now.instant();
    };
    expect(await reasons('2026-09-23T11:00')).toEqual([]);
    await savePack(fresh.database, { ...change, id: 'SA', rules: { ...rules, closedOnHolidays: { evidence: 'V0' } } }, author());
    expect(await reasons('2026-09-23T11:00')).toEqual(['holiday']);
    const moon = (await listHolidays(fresh.database, 'SA', 2026)).find((day) => day.date === '2026-05-26');
    expect(await reasons('2026-05-26T11:00')).toEqual([]);
    await decideHoliday(fresh.database, moon?.id ?? '', 'confirmed', userId);
    expect(await reasons('2026-05-26T11:00')).toEqual(['holiday']);
    // Rules begin with a millisecond: another one must have begun before they change again.
    const whenKept = (await clock()).add({ milliseconds: 1 });
    await eventually('another millisecond', async () => (await clock()).epochMilliseconds > whenKept.epochMilliseconds);
    const { packVersions } = await rulesAt(null);
    await decideHoliday(fresh.database, moon?.id ?? '', 'removed', userId);
    expect(await reasons('2026-05-26T11:00')).toEqual([]);
    // What was judged while it was kept is judged so again, and each verdict names the state of the calendar it was made by.
    expect(await reasons('2026-05-26T11:00', whenKept)).toEqual(['holiday']);
    const version = packVersions['holidays.SA'] ?? 0;
    expect(version).toBeGreaterThan(1);
    expect((await rulesAt(null)).packVersions).toMatchObject({ 'holidays.SA': version + 1 });
    expect((await rulesAt(whenKept)).packVersions).toEqual(packVersions);
    expect(await startHolidays(fresh.database, 'SA', 2026, userId)).toBe(0);
  });

  test('are added on days that exist', async () => {
    expect(await addHoliday(fresh.database, { country: 'KW', date: '2026-02-25', name: 'National Day' }, userId)).toMatchObject({
      status: 'confirmed',
    });
    await expect(addHoliday(fresh.database, { country: 'KW', date: '2026-02-30', name: 'None' }, userId)).rejects.toMatchObject({
      code: 'impossible_date',
      field: 'date',
    });
  });
});
