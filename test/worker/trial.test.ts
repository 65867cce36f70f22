import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CampaignSettings } from '../../server/contract/campaigns.ts';
import { pacingTrial, type PacingTrial } from '../../server/contract/pacing-trial.ts';
import { playTrial } from '../../server/worker/trial.ts';
import { eventually } from '../support/conditions.ts';
import { openWeb, realSettings, type TestWeb } from '../support/web.ts';

let web: TestWeb;
let admin: string;
let id: string;

beforeAll(async () => {
  web = await openWeb();
  await web.addUser('root', 'admin');
  admin = await web.cookieOf('root');
  await web.addTrunk('real', 'real', true);
  const { body } = await web.ask(admin, 'POST', '/api/v1/campaigns', { name: 'Tried', settings: realSettings() });
  id = String(body['id']);
});
afterAll(() => web.close());

/** Eight lines for each agent: on any floor most who answer find nobody. */
const RECKLESS = { ...realSettings().pacing, mode: 'ratio', ratio: 8, maxLinesPerAgent: 8, abandonCap: 0.01 } as const;
/** One line for each agent, by a ratio: on no floor does anybody wait. */
const CAREFUL = { ...realSettings().pacing, mode: 'ratio', ratio: 1 } as const;

async function askFor(change: Partial<CampaignSettings>): Promise<PacingTrial> {
  const { status, body } = await web.ask(admin, 'POST', `/api/v1/campaigns/${id}/pacing/trials`, {
    settings: realSettings(change),
  });
  expect(status).toBe(201);
  return pacingTrial.parse(body);
}
async function look(trialId: string): Promise<PacingTrial> {
  return pacingTrial.parse((await web.ask(admin, 'GET', `/api/v1/campaigns/${id}/pacing/trials/${trialId}`)).body);
}
function save(change: Partial<CampaignSettings>, version: number, reason?: string) {
  const body = { name: 'Tried', settings: realSettings(change), version, ...(reason === undefined ? {} : { reason }) };
  return web.ask(admin, 'PUT', `/api/v1/campaigns/${id}`, body);
}

describe('pacing settings tried before they are saved', () => {
  test('are played beside the present ones on a floor like the campaign’s; what breaks the cap there is saved with a reason only, which the history keeps', async () => {
    const trial = await askFor({ pacing: RECKLESS });
    expect(trial).toMatchObject({ state: 'queued', progress: 0, result: null });
    await playTrial(web.database, trial.id, new AbortController().signal);
    const { state, result } = await look(trial.id);
    expect(state).toBe('done');
    expect(result).toMatchObject({ breaksCap: true, floor: { kind: 'public', agents: 10, calls: 0 } });
    expect(result?.present.abandonment).toBe(0);
    expect(result?.proposed.abandonment).toBeGreaterThan(0.01);
    expect(result?.proposed.utilisation).toBeGreaterThan(result?.present.utilisation ?? 1);

    expect(await save({ pacing: RECKLESS }, 1)).toMatchObject({
      status: 422,
      body: { code: 'cap_broken_in_trial', field: 'reason', details: { trialId: trial.id, cap: 0.01 } },
    });
    expect(await save({ pacing: RECKLESS }, 1, '   ')).toMatchObject({ status: 422 });
    expect(await save({ pacing: RECKLESS }, 1, 'A short trial with the floor’s consent')).toMatchObject({ status: 200 });
    const kept = await web.database
      .selectFrom('event')
      .select(['body', 'actor'])
      .where('kind', '=', 'campaign.over_cap')
      .execute();
    expect(kept).toHaveLength(1);
    expect(kept[0]?.body).toMatchObject({ trialId: trial.id, reason: 'A short trial with the floor’s consent', cap: '0.0100' });
    // Other settings of the campaign are nobody's concern here.
    expect(await save({ pacing: RECKLESS, wrapUpLimitMs: 90_000 }, 2)).toMatchObject({ status: 200 });
  }, 120_000);

  test('are tried before they are saved, or saved with a reason that the history keeps; and need none where they kept the cap', async () => {
    expect(await save({ pacing: CAREFUL }, 3)).toMatchObject({
      status: 422,
      body: { code: 'pacing_not_tried', field: 'reason' },
    });
    const trial = await askFor({ pacing: CAREFUL });
    await playTrial(web.database, trial.id, new AbortController().signal);
    expect((await look(trial.id)).result?.breaksCap).toBe(false);
    expect(await save({ pacing: CAREFUL }, 3)).toMatchObject({ status: 200 });
    // A trial is of its settings alone.
    const others = { pacing: CAREFUL, ringTimeoutMs: 30_000 };
    expect(await save(others, 4)).toMatchObject({ status: 422, body: { code: 'pacing_not_tried' } });
    expect(await save(others, 4, 'The floor is full')).toMatchObject({ status: 200 });
    const kept = await web.database.selectFrom('event').select('body').where('kind', '=', 'campaign.untried').execute();
    expect(kept).toMatchObject([{ body: { reason: 'The floor is full' } }]);
  }, 120_000);

  test('are tried before there is a campaign too', async () => {
    const settings = realSettings({ pacing: CAREFUL });
    const make = () => web.ask(admin, 'POST', '/api/v1/campaigns', { name: 'New', settings });
    expect(await make()).toMatchObject({ status: 422, body: { code: 'pacing_not_tried', field: 'reason' } });
    const { body } = await web.ask(admin, 'POST', '/api/v1/pacing/trials', { settings });
    const trial = pacingTrial.parse(body);
    await playTrial(web.database, trial.id, new AbortController().signal);
    expect(await web.ask(admin, 'GET', `/api/v1/pacing/trials/${trial.id}`)).toMatchObject({
      body: { state: 'done', result: { breaksCap: false, floor: { kind: 'public' } } },
    });
    expect(await make()).toMatchObject({ status: 201 });
  }, 120_000);

  test('are given up when somebody cancels them, and when they are tried otherwise', async () => {
    const first = await askFor({ connectWithinMs: 1_500 });
    const second = await askFor({ connectWithinMs: 1_200 });
    expect((await look(first.id)).state).toBe('cancelled');
    const playing = playTrial(web.database, second.id, new AbortController().signal);
    await eventually('it is played', async () => (await look(second.id)).state === 'running');
    const path = `/api/v1/campaigns/${id}/pacing/trials/${second.id}`;
    expect(await web.ask(admin, 'POST', `${path}/cancel`)).toMatchObject({ status: 200, body: { state: 'cancelled' } });
    await playing;
    expect(await look(second.id)).toMatchObject({ state: 'cancelled', result: null });
  }, 60_000);

  test.each([
    ['a cap above 5 %', { abandonCap: 0.06 }, 'settings.pacing.abandonCap', 'cap_out_of_range'],
    ['a ratio below 1', { ratio: 0.5 }, 'settings.pacing.ratio', 'ratio_out_of_range'],
    ['a ratio above 15', { ratio: 16 }, 'settings.pacing.ratio', 'ratio_out_of_range'],
    ['something that is no number', { agentHoldback: null }, 'settings.pacing.agentHoldback', 'invalid'],
  ])('are refused by name: %s', async (_what, change, field, code) => {
    const settings = { ...realSettings(), pacing: { ...realSettings().pacing, ...change } };
    for (const [method, path, body] of [
      ['POST', `/api/v1/campaigns/${id}/pacing/trials`, { settings }],
      ['PUT', `/api/v1/campaigns/${id}`, { name: 'Tried', settings, version: 5 }],
    ] as const) {
      expect(await web.ask(admin, method, path, body)).toMatchObject({ status: 400, body: { code, field } });
    }
  });
});
