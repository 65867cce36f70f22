import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { PhoneCall } from '../../scripts/robots/call.ts';
import type { Phone } from '../../scripts/robots/phone.ts';
import { frame } from '../../scripts/robots/sound.ts';
import { DEFAULT_ABANDONMENT } from '../../server/contract/abandonment.ts';
import { endedAttempt, everyAttemptEnds, recordOf } from '../support/calls.ts';
import { eventually } from '../support/conditions.ts';
import { openFloor, type TestAgent, type TestFloor } from '../support/floor.ts';
import { voiceIsHeard } from '../support/hearing.ts';

/** What the campaign's own message sounds like here. */
const OWN_HERTZ = 1_000;
const LONG_AFTER = Temporal.Now.instant()
  .add({ hours: 24 * 30 })
  .toString();

let floor: TestFloor;
let debtors: Phone;
let agent: TestAgent;

beforeAll(async () => {
  const abandonment = { ...DEFAULT_ABANDONMENT, offerOptOutKey: true };
  floor = await openFloor({ abandonment, connectWithinMs: 1_000 }, { farEnd: 'phone' });
  if (!floor.farEnd) throw new Error('no far end');
  debtors = floor.farEnd;
  debtors.answering = 'never';
  agent = await floor.addAgent();
  await agent.logIn();
});
afterAll(() => floor.close());
afterEach(() => everyAttemptEnds(floor));

/** A debtor's telephone rings while the only agent is able; somebody else is reached by the same number. */
async function ringing(): Promise<{ partyId: string; otherId: string; debtor: PhoneCall }> {
  const [partyId = '', otherId = ''] = await floor.addDebtors(['00', '01']);
  const { database } = floor;
  const { phone_id } = await database
    .selectFrom('party_phone')
    .select('phone_id')
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  await database.insertInto('party_phone').values({ party_id: otherId, phone_id, rank: 1 }).execute();
  await database
    .updateTable('dial_queue')
    .set({ state: 'waiting', not_before: LONG_AFTER })
    .where('party_id', '=', otherId)
    .execute();
  const rings = debtors.nextCall();
  await agent.ask({ type: 'ready' });
  return { partyId, otherId, debtor: await rings };
}

/** What the database says of a number after the key was pressed in this person's call. */
async function listed(partyId: string, otherId: string) {
  const { database } = floor;
  const attempt = await endedAttempt(floor, partyId);
  const [numbers, queue, list, told] = await Promise.all([
    database
      .selectFrom('party_phone')
      .select(['party_id', 'state'])
      .where('phone_id', '=', attempt.phone_id)
      .orderBy('state')
      .execute(),
    database.selectFrom('dial_queue').select(['state', 'reason']).where('party_id', '=', partyId).executeTakeFirst(),
    database.selectFrom('do_not_call').selectAll().where('source_id', '=', attempt.id).execute(),
    database
      .selectFrom('event')
      .select('body')
      .where('kind', '=', 'phone.opted_out')
      .where('subject_id', '=', attempt.id)
      .execute(),
  ]);
  const pressed = (await recordOf(floor, attempt.id)).filter((event) => event.type === 'DO_NOT_CALL');
  expect(Object.fromEntries(numbers.map((each) => [each.party_id, each.state]))).toEqual({
    [partyId]: 'revoked',
    [otherId]: 'revoked',
  });
  expect(queue).toEqual({ state: 'done', reason: 'no_number_left' });
  expect(list.map((each) => each.e164)).toEqual([attempt.number]);
  expect(list[0]?.said_at.epochMilliseconds).toBeGreaterThanOrEqual((pressed[0]?.stampMs ?? Infinity) - 100);
  expect(told).toMatchObject([{ body: { phoneId: attempt.phone_id, people: 2 } }]);
  // Their own number is still good.
  const other = await database.selectFrom('dial_queue').select('state').where('party_id', '=', otherId).executeTakeFirst();
  expect(other?.state).toBe('waiting');
  return attempt;
}

it('who presses the key while the message speaks is on the do-not-call list at once, by whatever name the number is known', async () => {
  const { partyId, otherId, debtor } = await ringing();
  // Their leg is gone and does not come back: nobody is there in time.
  agent.phone.answering = 'never';
  await [...agent.phone.calls.values()].at(-1)?.hangUp();
  await eventually('the agent is not able', async () => !(await agent.look()).able);
  debtor.answer();
  await debtor.hears(voiceIsHeard);
  debtor.press(9);
  expect(await listed(partyId, otherId)).toMatchObject({ result: 'abandoned', ending: 'no_agent_in_time' });
  agent.phone.answering = 'auto';
  await agent.ask({ type: 'reattach' });
  await agent.until('the agent is back', (desk) => desk.legUp);
  // Nobody is dialed before the next test says whom.
  await agent.ask({ type: 'pause', reason: 'other' });
});

it('a key pressed while the dialer is dead is read in the switch’s record; the campaign’s own message needs no dialer either', async () => {
  // In force before the next call.
  const { id: userId } = await floor.database.selectFrom('app_user').select('id').executeTakeFirstOrThrow();
  const { id } = await floor.database
    .insertInto('campaign_message')
    .values({
      campaign_id: floor.campaignId,
      language: 'en',
      version: 1,
      file_name: 'own.wav',
      sha256: '-',
      duration_ms: 5_000,
      uploaded_by: userId,
      in_force: true,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  const folder = join(floor.dataDir, 'messages');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${id}.ulaw`), Buffer.concat(Array.from({ length: 250 }, () => frame('PCMU', OWN_HERTZ))));
  // Told in order: once the second change shows, the first has been read whole.
  for (const state of ['paused', 'running'] as const) {
    await floor.setCampaign({ state });
    await eventually(`the campaign is ${state}`, () => floor.board()?.campaigns[0]?.state === state);
  }

  const { partyId, otherId, debtor } = await ringing();
  const { identity, exited } = floor.dialer();
  process.kill(identity.pid, 'SIGKILL');
  await exited;
  // Its lease has run out, as far as the successor knows.
  await floor.database.updateTable('floor').set({ expires_at: '2020-01-01T00:00:00Z' }).execute();
  debtor.answer();
  await debtor.hears((heard) => heard(OWN_HERTZ) > 0.1);
  debtor.press(9);
  await debtor.ended;
  const { id: attemptId } = await floor.database
    .selectFrom('contact_attempt')
    .select('id')
    .where('party_id', '=', partyId)
    .executeTakeFirstOrThrow();
  const spoken = (await recordOf(floor, attemptId)).filter((event) => event.type === 'SPOKEN');
  expect(spoken.map((event) => event.extra)).toEqual([join(folder, id)]);
  await floor.startDialer();
  expect(await listed(partyId, otherId)).toMatchObject({ result: 'abandoned' });
}, 60_000);
