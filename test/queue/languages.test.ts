import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSeats, type SpeakerGroup } from '../../server/agents/seats.ts';
import { bringBackSpoken } from '../../server/queue/next.ts';
import { mobile, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

/** People who speak these languages, the first of them first in the queue. */
async function queued(languages: readonly (string | null)[]): Promise<{ campaignId: string; people: string[] }> {
  const campaignId = await scene.addCampaign();
  const people = await scene.addPeople(
    [campaignId],
    languages.map(() => ({ phones: [mobile()] })),
  );
  const spoken = languages.map((language, index) => ({ language, id: people[index] ?? '', score: 10_000 - index }));
  for (const language of new Set(languages)) {
    const ids = spoken.filter((each) => each.language === language).map((each) => each.id);
    await scene.database.updateTable('party').set({ language }).where('id', 'in', ids).execute();
  }
  // Few of the people of a test are worth a statement of their own.
  for (const { id, score } of spoken.slice(-20)) {
    await scene.database.updateTable('dial_queue').set({ score }).where('party_id', '=', id).execute();
  }
  const others = spoken.slice(0, -20).map((each) => each.id);
  if (others.length > 0)
    await scene.database.updateTable('dial_queue').set({ score: 20_000 }).where('party_id', 'in', others).execute();
  return { campaignId, people };
}

const agents = (...groups: SpeakerGroup[]) => createSeats(groups, []);
const speaker = (lines: number, ...languages: string[]): SpeakerGroup => ({ languages, lines });

describe('where agents state what they speak', () => {
  test('only debtors with whom somebody can speak are reserved, as many as there are seats, and those whose language is unknown', async () => {
    const { campaignId, people } = await queued(['fa', 'fa', 'ar', 'en', null, 'ar']);
    const { reserved } = await scene.reserve(campaignId, { seats: agents(speaker(1, 'fa'), speaker(2, 'ar')) });
    expect(reserved.map((each) => each.partyId)).toEqual([people[0], people[2], people[4]]);
    expect(await scene.row(campaignId, people[1] ?? '')).toMatchObject({ state: 'ready' });
  });

  test('whoever states none speaks with everybody', async () => {
    const { campaignId, people } = await queued(['fa', 'en', 'fa']);
    const { reserved } = await scene.reserve(campaignId, { seats: agents(speaker(2), speaker(1, 'ar')) });
    expect(reserved.map((each) => each.partyId)).toEqual([people[0], people[1]]);
  });

  test('a callback promised in person goes to its agent whatever the language', async () => {
    const { campaignId, people } = await queued(['fa']);
    const agent = await scene.database
      .insertInto('app_user')
      .values({ login: 'agent', display_name: 'Agent', role: 'agent', password_hash: '-' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const [partyId = ''] = people;
    const at = SUNDAY_MORNING.subtract({ minutes: 1 }).toString();
    const callback = await scene.database
      .insertInto('callback')
      .values({ campaign_id: campaignId, party_id: partyId, attempt_id: partyId, at, agent_id: agent.id })
      .returning('id')
      .executeTakeFirstOrThrow();
    await scene.database
      .updateTable('dial_queue')
      .set({ band: 10, callback_id: callback.id })
      .where('party_id', '=', partyId)
      .execute();
    const seats = agents(speaker(1, 'ar'));
    const { reserved } = await scene.reserve(campaignId, { seats, agents: [agent.id] });
    expect(reserved).toMatchObject([{ partyId, agentId: agent.id }]);
  });

  test('those with whom nobody can speak make room for the others, however many they are, and come back later', async () => {
    const { campaignId, people } = await queued([...Array.from({ length: 1_500 }, () => 'fa'), 'ar', 'ar']);
    const { reserved } = await scene.reserve(campaignId, { count: 2, seats: agents(speaker(2, 'ar')) });
    expect(reserved.map((each) => each.partyId)).toEqual(people.slice(-2));
    const aside = await scene.database
      .selectFrom('dial_queue')
      .select((eb) => eb.fn.countAll<bigint>().as('count'))
      .where('campaign_id', '=', campaignId)
      .where('reason', '=', 'no_speaker')
      .executeTakeFirstOrThrow();
    expect(Number(aside.count)).toBe(1_000);
    expect(await scene.row(campaignId, people[0] ?? '')).toMatchObject({
      state: 'waiting',
      reason: 'no_speaker',
      notBefore: SUNDAY_MORNING.add({ minutes: 15 }),
    });
    // Or at once, when somebody sits down who speaks it.
    const comes = { campaignId, now: SUNDAY_MORNING };
    expect(await bringBackSpoken(scene.database, { ...comes, languages: ['en'] })).toBe(0);
    expect(await bringBackSpoken(scene.database, { ...comes, languages: ['en', 'fa'] })).toBe(1_000);
    expect(await scene.row(campaignId, people[0] ?? '')).toMatchObject({ state: 'ready', reason: null });
  });

  test('while all who speak a language are taken, the first who wait for them stay in line', async () => {
    const { campaignId, people } = await queued([...Array.from({ length: 1_100 }, () => 'fa'), 'ar']);
    const seats = createSeats([speaker(1, 'fa'), speaker(1, 'ar')], ['fa']);
    const { reserved } = await scene.reserve(campaignId, { count: 1, seats });
    expect(reserved.map((each) => each.partyId)).toEqual(people.slice(-1));
    const ready = await scene.database
      .selectFrom('dial_queue')
      .select('party_id')
      .where('campaign_id', '=', campaignId)
      .where('state', '=', 'ready')
      .execute();
    expect(ready.length).toBe(200);
  });
});
