import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CampaignSettings } from '../../server/contract/campaigns.ts';
import { record, type Json } from '../../server/kernel/history.ts';
import { answerOf } from '../../server/queue/check-answer.ts';
import { checkContact, type CheckSubject } from '../../server/queue/check.ts';
import { mobile, OPEN_SETTINGS, openScene, SUNDAY_MORNING, type Scene } from './scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

async function ask(subject: CheckSubject, at = SUNDAY_MORNING, campaignId: string | null = null) {
  const { people } = answerOf(await checkContact(scene.database, { subject, at, campaignId }));
  return people;
}

/** A change of a campaign's settings, as the history has it. */
function settingsEvent(kind: string, subjectId: string, { settings, at }: { settings: CampaignSettings; at: Temporal.Instant }) {
  return {
    kind,
    subject: 'campaign',
    subjectId,
    actor: 'test',
    at,
    body: { settings: JSON.parse(JSON.stringify(settings)) as Json },
  };
}

async function onlyJudgement(subject: CheckSubject, at = SUNDAY_MORNING, campaignId: string | null = null) {
  const [person] = await ask(subject, at, campaignId);
  const [judgement] = person?.judgements ?? [];
  if (!judgement) throw new Error('nobody was judged');
  return judgement;
}

describe('may we call', () => {
  test('is answered as the reservation answers it, before the call and after', async () => {
    const campaignId = await scene.addCampaign({
      caps: { personPerDay: 1, personPerWeek: 7, debtPerWeek: 7, minutesBetween: 1 },
    });
    const number = mobile();
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [number] }]);
    expect(await onlyJudgement({ partyId })).toMatchObject({ answer: { mayCall: true }, queue: { state: 'ready' } });

    const { reserved } = await scene.reserve(campaignId, { count: 1 });
    expect(reserved.map((each) => each.partyId)).toEqual([partyId]);
    expect((await onlyJudgement({ partyId })).numbers[0]?.reasons.map((each) => each.id)).toContain('live_contact');
    await scene.end(reserved[0]?.attemptId ?? '');

    // The queue's own waits are no law: the gate is asked about an hour at which the debtor is due again.
    const later = SUNDAY_MORNING.add({ hours: 1 });
    const judged = await onlyJudgement({ partyId }, later);
    const reasons = judged.numbers[0]?.reasons.map((each) => each.id);
    expect(judged.answer.mayCall).toBe(false);
    expect(reasons).toContain('campaign_person_day');
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const { refused } = await scene.reserve(campaignId, { now: later });
    const refusal = refused.find((each) => each.partyId === partyId);
    expect([refusal?.reason, refusal?.reasons, refusal?.retryAt?.toString()]).toEqual([
      judged.numbers[0]?.binding,
      reasons,
      judged.answer.retryAt,
    ]);
    // At the moment it names, it allows.
    expect(await onlyJudgement({ partyId }, Temporal.Instant.from(judged.answer.retryAt ?? ''))).toMatchObject({
      answer: { mayCall: true },
    });
    // And before the call was placed it allowed too, whatever was done since.
    expect(await onlyJudgement({ partyId }, SUNDAY_MORNING.subtract({ hours: 1 }))).toMatchObject({ answer: { mayCall: true } });
  });

  test('takes a telephone for everybody it belongs to, by id or by number', async () => {
    const campaignId = await scene.addCampaign();
    const shared = mobile();
    const ids = await scene.addPeople([campaignId], [{ phones: [shared, mobile()] }, { phones: [shared] }]);
    const people = await ask({ number: shared });
    expect(people.map((person) => person.partyId).toSorted()).toEqual(ids.toSorted());
    expect(people.every((person) => person.judgements[0]?.numbers.length === 1)).toBe(true);
    const phoneId = people[0]?.judgements[0]?.numbers[0]?.phoneId ?? '';
    expect(await ask({ phoneId })).toEqual(people);
  });

  test('says so when a number has left, when none is left and when nothing is owed', async () => {
    const campaignId = await scene.addCampaign();
    const other = await scene.addCampaign();
    const [number, second] = [mobile(), mobile()];
    const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [number, second] }]);
    expect(await onlyJudgement({ partyId }, SUNDAY_MORNING, other)).toMatchObject({ nothing: 'no_open_debt', queue: null });
    const link = scene.database.updateTable('party_phone').where('party_id', '=', partyId);
    await link.where('rank', '=', 0).set({ state: 'wrong' }).execute();
    expect(await onlyJudgement({ number })).toMatchObject({ nothing: 'number_left', answer: { mayCall: false, retryAt: null } });
    expect(await onlyJudgement({ partyId })).toMatchObject({ nothing: null, answer: { mayCall: true } });
    await link.set({ state: 'revoked' }).execute();
    expect(await onlyJudgement({ partyId })).toMatchObject({ nothing: 'no_number_left' });
  });

  test('without a campaign is judged by the law alone, with its sources and how well it is known', async () => {
    const [partyId = ''] = await scene.addPeople([], [{ phones: [mobile()] }]);
    const night = Temporal.Instant.from('2026-04-19T23:00Z');
    const judged = await onlyJudgement({ partyId }, night);
    expect(judged).toMatchObject({ campaign: null, queue: null, nothing: null, answer: { mayCall: false } });
    expect(judged.packs).toHaveProperty('SA');
    const [hours] = judged.numbers[0]?.reasons ?? [];
    expect(hours).toMatchObject({ id: 'hours', pack: 'SA', version: 1 });
    expect(hours?.source).not.toBe('');
  });

  test('of a moment of the past is answered by the settings of then, and says what is known only as it is now', async () => {
    const campaigns = [await scene.addCampaign(), await scene.addCampaign()];
    const [partyId = ''] = await scene.addPeople(campaigns, [{ phones: [mobile()] }]);
    const [changed = '', unknown = ''] = campaigns;
    const before = { ...OPEN_SETTINGS, hours: [{ days: [7], from: '09:00', to: '10:00' }] };
    await record(scene.database, [
      settingsEvent('campaign.created', changed, { settings: before, at: SUNDAY_MORNING.subtract({ hours: 48 }) }),
      settingsEvent('campaign.changed', changed, { settings: OPEN_SETTINGS, at: SUNDAY_MORNING.add({ hours: 48 }) }),
    ]);
    const of = async (campaignId: string, at: Temporal.Instant) => {
      const [person] = await ask({ partyId }, at, campaignId);
      return { mayCall: person?.judgements[0]?.answer.mayCall, notRestored: person?.notRestored };
    };
    const known = ['debts', 'place'];
    expect(await of(changed, SUNDAY_MORNING)).toEqual({ mayCall: false, notRestored: known });
    expect(await of(changed, SUNDAY_MORNING.subtract({ hours: 1, minutes: 30 }))).toEqual({ mayCall: true, notRestored: known });
    expect(await of(changed, SUNDAY_MORNING.add({ hours: 72 }))).toEqual({ mayCall: true, notRestored: known });
    expect(await of(unknown, SUNDAY_MORNING)).toEqual({ mayCall: true, notRestored: ['settings', ...known] });
    expect((await ask({ partyId }, Temporal.Now.instant().add({ hours: 1 })))[0]?.notRestored).toEqual([]);
  });

  test('refuses whom it does not know', async () => {
    const nobody = '019aa000-0000-7000-8000-000000000000';
    await expect(ask({ partyId: nobody })).rejects.toMatchObject({ code: 'unknown_debtor' });
    await expect(ask({ number: '+966599999999' })).rejects.toMatchObject({ code: 'unknown_number' });
    const [partyId = ''] = await scene.addPeople([], [{ phones: [mobile()] }]);
    await expect(ask({ partyId }, SUNDAY_MORNING, nobody)).rejects.toMatchObject({ code: 'unknown_campaign' });
  });
});
