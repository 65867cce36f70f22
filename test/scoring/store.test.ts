import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerChance } from '../../server/scoring/hours.ts';
import { learnHours, readHourModel, readOwnHours } from '../../server/scoring/store.ts';
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
