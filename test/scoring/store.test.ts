import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerChance, isTriedOn } from '../../server/scoring/hours.ts';
import { learnHours, readHourModel, readOwnHours } from '../../server/scoring/store.ts';
import { readChances, refreshHours } from '../../server/queue/hours.ts';
import { mobile, openScene, type Scene } from '../queue/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

test('hours at which people answer are learnt of everybody, of people alike, and of each person', async () => {
  const campaignId = await scene.addCampaign();
  const people = await scene.addPeople(
    [campaignId],
    Array.from({ length: 6 }, () => ({ phones: [mobile()] })),
  );
  const [first = '', ...others] = people;
  const tally = (partyId: string, hours: object) =>
    sql`insert into contact_tally (party_id, hours) values (${partyId}, ${JSON.stringify(hours)}::jsonb)`.execute(scene.database);
  await tally(first, { 10: [4, 0], 18: [6, 6] });
  for (const partyId of others.slice(1)) await tally(partyId, { 10: [5, 1], 18: [5, 2] });
  await learnHours(scene.database);
  await learnHours(scene.database);

  const model = await readHourModel(scene.database);
  expect([...model.segments.keys()]).toEqual(['SA/card']);
  const own = await readOwnHours(scene.database, people);
  expect(own.get(first)).toMatchObject({ segment: 'SA/card' });
  expect(own.get(first)?.own.get(18)).toEqual({ tries: 6, answers: 6 });
  const chance = (partyId: string, hour: number): number => {
    const person = own.get(partyId);
    return person ? answerChance(model, person.segment, person.own, hour) : 0;
  };
  const [never = '', twice = ''] = others;
  expect(own.get(never)?.own.size).toBe(0);
  expect(chance(first, 18)).toBeGreaterThan(chance(never, 18));
  expect(chance(twice, 18)).toBeLessThan(chance(first, 18));
  expect(chance(never, 18)).toBeGreaterThan(chance(never, 10));
});

test('the queue goes by the hour: first whoever answers now, then who answers at another hour', async () => {
  const campaignId = await scene.addCampaign();
  const [evening = '', morning = '', unknown = ''] = await scene.addPeople(
    [campaignId],
    Array.from({ length: 3 }, () => ({ phones: [mobile()] })),
  );
  // Saudi Arabia leaves the working day open: both hours are a Monday's.
  const tally = (partyId: string, hours: object) =>
    sql`
      insert into contact_tally (party_id, tries, answers, hours) values (${partyId}, 40, 20, ${JSON.stringify(hours)}::jsonb)`.execute(
      scene.database,
    );
  await tally(evening, { 10: [20, 0], 16: [20, 20] });
  await tally(morning, { 10: [20, 20], 16: [20, 0] });
  await learnHours(scene.database);
  const standings = async () => {
    const rows = await scene.database
      .selectFrom('dial_queue')
      .select(['party_id', 'standing', 'score', 'hour_share'])
      .where('campaign_id', '=', campaignId)
      .execute();
    return new Map(rows.map((row) => [row.party_id, row]));
  };
  // A Monday on which nobody is tried at another hour to learn.
  const mondays = Array.from({ length: 40 }, (_, week) => Temporal.PlainDate.from('2026-04-20').add({ weeks: week }).toString());
  const monday = mondays.find((day) => ![evening, morning].some((id) => isTriedOn(id, day)));
  const at = (hour: number) => Temporal.Instant.from(`${monday}T${hour}:05+03:00`);
  expect(await refreshHours(scene.database, campaignId, { now: at(10) })).toBeGreaterThan(0);
  const first = await standings();
  expect([first.get(morning)?.hour_share, first.get(unknown)?.hour_share]).toEqual([100, 100]);
  expect(first.get(evening)?.hour_share).toBeLessThan(70);
  expect(first.get(evening)?.standing).toBe(
    Math.floor(((first.get(evening)?.score ?? 0) * (first.get(evening)?.hour_share ?? 0)) / 100),
  );
  // Doing it again changes nothing; in the afternoon they change places.
  expect(await refreshHours(scene.database, campaignId, { now: at(10) })).toBe(0);
  await refreshHours(scene.database, campaignId, { now: at(16) });
  const later = await standings();
  expect(later.get(evening)?.hour_share).toBe(100);
  expect(later.get(morning)?.hour_share).toBeLessThan(70);

  const { reserved } = await scene.reserve(campaignId, { count: 3, now: at(16) });
  expect(reserved.map((each) => each.partyId).at(-1)).toBe(morning);
  const model = await readHourModel(scene.database);
  const chances = await readChances(scene.database, model, [evening, morning, unknown], at(16));
  expect(chances.get(evening)).toBeGreaterThan(chances.get(unknown) ?? 1);
  expect(chances.get(unknown)).toBeGreaterThan(chances.get(morning) ?? 1);
});
