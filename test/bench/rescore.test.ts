import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureRescore } from '../../scripts/bench/queue/rescore.ts';
import { mobile, openScene, type Scene } from '../queue/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

test('a rescore is measured with weights turned round, so that every row is written', async () => {
  const campaignId = await scene.addCampaign();
  const people = Array.from({ length: 30 }, (_, index) => ({ phones: [mobile()], balance: BigInt(index + 1) * 10_000n }));
  await scene.addPeople([campaignId], people);
  const figures = await measureRescore(scene.fresh.url, campaignId);
  expect(figures).toMatchObject({ debtors: 30, changed: 30, batches: 1 });
  expect(figures.seconds).toBeGreaterThan(0);
}, 30_000);
