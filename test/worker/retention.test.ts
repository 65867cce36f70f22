import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCatalogue } from '../../server/compliance/catalogue.ts';
import { rulePackSchema } from '../../server/compliance/packs.ts';
import { yearsToKeep } from '../../server/compliance/retention.ts';
import { record } from '../../server/kernel/history.ts';
import { eraseExpired } from '../../server/worker/retention.ts';
import { mobile, openScene, type Scene } from '../queue/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

const NOW = Temporal.Instant.from('2026-11-22T00:00Z');
/** Saudi Arabia keeps records for ten years. */
const [LONG_AGO, LATELY] = [NOW.subtract({ hours: 24 * 366 * 11 }), NOW.subtract({ hours: 24 * 365 * 9 })];

/** Somebody whom the history tells of, and who owes nothing any more unless said otherwise. */
async function somebody(at: Temporal.Instant, change: { country?: string; owes?: boolean } = {}): Promise<string> {
  const campaignId = await scene.addCampaign();
  const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
  await scene.database
    .updateTable('party')
    .set({ country: change.country ?? 'SA' })
    .where('id', '=', partyId)
    .execute();
  if (change.owes !== true) {
    const debts = scene.database.selectFrom('debt_party').select('debt_id').where('party_id', '=', partyId);
    await scene.database.updateTable('debt').set({ state: 'paid', balance_minor: 0n }).where('id', 'in', debts).execute();
  }
  await record(scene.database, [
    { kind: 'hold.placed', subject: 'party', subjectId: partyId, actor: 'test', at, body: { kind: 'dispute' } },
  ]);
  return partyId;
}

function told(partyId: string) {
  return scene.database.selectFrom('event').select(['body', 'salt', 'leaf']).where('subject_id', '=', partyId).execute();
}

describe('what the law no longer wants kept', () => {
  it('is counted, then erased, once; its leaves stay, and what is within the period or owed for is left alone', async () => {
    const old = await somebody(LONG_AGO);
    const kept = [
      await somebody(LATELY),
      await somebody(LONG_AGO, { owes: true }),
      // No pack of Egypt names a period.
      await somebody(LONG_AGO, { country: 'EG' }),
    ];
    const [before] = await told(old);
    expect(await eraseExpired(scene.database, { now: NOW, dryRun: true })).toEqual({ bodies: 1, notes: 0 });
    expect(await told(old)).toEqual([before]);
    expect(await eraseExpired(scene.database, { now: NOW })).toEqual({ bodies: 1, notes: 0 });
    expect(await told(old)).toEqual([{ body: null, salt: null, leaf: before?.leaf }]);
    for (const partyId of kept) expect((await told(partyId))[0]?.body).not.toBeNull();
    expect(await eraseExpired(scene.database, { now: NOW })).toEqual({ bodies: 0, notes: 0 });
    const erased = await scene.database.selectFrom('event').select('actor').where('kind', '=', 'history.erased').execute();
    expect(erased).toEqual([{ actor: 'retention' }]);
  });

  it('is reckoned from the last call: with its events and its note it goes when that is long ago', async () => {
    const campaignId = await scene.addCampaign();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [mobile()] }]);
    const { reserved } = await scene.reserve(campaignId, { count: 1 });
    const attemptId = reserved[0]?.attemptId ?? '';
    await scene.end(attemptId);
    await scene.database
      .insertInto('outcome')
      .values({ attempt_id: attemptId, agent_id: null, code: 'no_contact', fields: '{}', effect: '{}', note: 'spoke of work' })
      .execute();
    const debts = scene.database.selectFrom('debt_party').select('debt_id').where('party_id', '=', partyId);
    await scene.database.updateTable('debt').set({ state: 'closed' }).where('id', 'in', debts).execute();
    const inYears = (years: number) => Temporal.Now.instant().toZonedDateTimeISO('UTC').add({ years }).toInstant();
    // Whatever else the file laid lies within the same day, so that only a period ahead and one behind are told apart.
    expect((await eraseExpired(scene.database, { now: inYears(9), dryRun: true })).notes).toBe(0);
    expect(await eraseExpired(scene.database, { now: inYears(11) })).toMatchObject({ notes: 1 });
    const [event] = await scene.database.selectFrom('event').select('body').where('subject_id', '=', attemptId).execute();
    expect(event?.body).toBeNull();
    const outcome = scene.database.selectFrom('outcome').select('note').where('attempt_id', '=', attemptId);
    expect(await outcome.executeTakeFirstOrThrow()).toEqual({ note: null });
  });
});

describe('how long records are kept', () => {
  const pack = (id: string, place: object, years: (number | null)[]) =>
    rulePackSchema.parse({
      id,
      version: 1,
      author: 'test',
      reason: 'test',
      effectiveFrom: '2026-01-01',
      ...place,
      retention: years.map((each) => ({ what: 'records', years: each, from: 'contact', evidence: 'V0' })),
    });
  const catalogue = createCatalogue([
    pack('one', { countries: ['SA'] }, [3, 5]),
    pack('two', { countries: ['SA'] }, [4]),
    pack('silent', { countries: ['AE'] }, []),
    pack('endless', { countries: ['GB'] }, [3, null]),
    pack('state', { regions: ['US-MA'], base: 'one' }, []),
  ]);

  it.each<[string, string[], string[], number | null]>([
    ['the longest of all that bind', ['SA'], [], 5],
    ['what is inherited counts', ['US'], ['US-MA'], 5],
    ['nothing said: for ever', ['AE'], [], null],
    ['one without an end: for ever', ['GB'], [], null],
    ['no pack: for ever', ['FR'], [], null],
  ])('%s', (_, countries, regions, years) => {
    expect(yearsToKeep(catalogue, countries, regions)).toBe(years);
  });
});
