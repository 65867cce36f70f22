import { afterAll, beforeAll, expect, it } from 'vitest';
import { chancesOf, nextLeads } from '../../server/dialer/ahead.ts';
import { learnModel } from '../../server/scoring/hours.ts';
import { eventually } from '../support/conditions.ts';
import { mobile, OPEN_SETTINGS, openScene, type Scene } from '../queue/scene.ts';

/** A Sunday at eleven in Riyadh. */
const NOW = Temporal.Instant.from('2026-04-19T08:00Z');
const HOUR = 6 * 24 + 11;
const FEW_ANSWER = learnModel(new Map([[HOUR, { tries: 1_000, answers: 100 }]]), new Map());

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

it('the pacer is told how likely those answer who are dialed next, in the order of the queue, without those who were dialed', async () => {
  const campaignId = await scene.addCampaign();
  const people = await scene.addPeople(
    [campaignId],
    Array.from({ length: 12 }, () => ({ phones: [mobile()] })),
  );
  for (const [index, id] of people.entries()) {
    await scene.database
      .updateTable('dial_queue')
      .set({ score: 100 - index })
      .where('party_id', '=', id)
      .execute();
  }
  const [first = '', second = '', third = ''] = people;
  const hours = JSON.stringify({ [HOUR]: [20, 18] });
  await scene.database
    .insertInto('contact_tally')
    .values({ party_id: second, tries: 20, answers: 18, hours })
    .onConflict((conflict) => conflict.column('party_id').doUpdateSet({ tries: 20, answers: 18, hours }))
    .execute();
  let monotonicMs = 0;
  const floor = { database: scene.database, hours: FEW_ANSWER, clock: { now: () => NOW, monotonicMs: () => monotonicMs } };
  const campaign = {
    id: campaignId,
    settings: { ...OPEN_SETTINGS, pacing: { ...OPEN_SETTINGS.pacing, mode: 'predictive' as const } },
    ahead: null,
  };
  expect(nextLeads(floor, campaign)).toBeUndefined();
  expect([...(await chancesOf(floor, campaign, [third])).keys()]).toEqual([third]);
  await eventually('the next are read', () => nextLeads(floor, campaign) !== undefined);
  const next = nextLeads(floor, campaign) ?? new Float64Array();
  expect(next).toHaveLength(12);
  expect(next[0]).toBeLessThan(0.2);
  expect(next[1]).toBeGreaterThan(0.5);
  const told = await chancesOf(floor, campaign, [first, second]);
  expect(told.get(second)).toBeCloseTo(next[1] ?? NaN, 3);
  expect(nextLeads(floor, campaign)).toEqual(next.subarray(2));
  monotonicMs += 60_000;
  expect(nextLeads(floor, campaign)).toBeUndefined();
});

it('one agent a call needs no such figure', async () => {
  const floor = { database: scene.database, hours: FEW_ANSWER, clock: { now: () => NOW, monotonicMs: () => 0 } };
  const campaign = { id: await scene.addCampaign(), settings: OPEN_SETTINGS, ahead: null };
  expect(await chancesOf(floor, campaign, ['019aa000-0000-7000-8000-000000000000'])).toEqual(new Map());
  expect(nextLeads(floor, campaign)).toBeUndefined();
});
