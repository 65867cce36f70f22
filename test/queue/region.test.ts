import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkContact } from '../../server/queue/check.ts';
import { openScene, type Scene } from './scene.ts';

/** A Monday, eleven in New York and Toronto, ten in Chicago. */
const MONDAY = Temporal.Instant.from('2026-04-20T15:00Z');

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.fresh.drop());

interface Place {
  country: 'US' | 'CA';
  regions: string[];
  number: string;
  zones?: string[];
}

/** A debtor of a place, called in vain so many times, an hour apart, up to now; what the gate says of the next call. */
async function afterCalls(place: Place, calls: number): Promise<{ packs: string[]; reasons: string[] }> {
  const campaignId = await scene.addCampaign({ countries: ['US', 'CA'] });
  const [partyId = ''] = await scene.addPeople([campaignId], [{ phones: [place.number] }]);
  const zones = place.zones ?? ['America/New_York'];
  await scene.database
    .updateTable('party')
    .set({ country: place.country, regions: place.regions, time_zones: zones })
    .where('id', '=', partyId)
    .execute();
  await scene.database
    .updateTable('phone')
    .set({ country: place.country, time_zones: zones })
    .where('e164', '=', place.number)
    .execute();
  for (let call = 0; call < calls; call += 1) {
    const now = MONDAY.subtract({ hours: 24 * (calls - call) });
    await scene.database.updateTable('dial_queue').set({ state: 'ready' }).where('party_id', '=', partyId).execute();
    const { reserved } = await scene.reserve(campaignId, { count: 1, now });
    await scene.end(reserved[0]?.attemptId ?? '');
  }
  const { people } = await checkContact(scene.database, { subject: { partyId }, at: MONDAY, campaignId });
  const verdict = people[0]?.judgements[0]?.chosen?.verdict;
  return { packs: Object.keys(verdict?.packVersions ?? {}), reasons: (verdict?.reasons ?? []).map((reason) => reason.id) };
}

describe('the rules of a state or province', () => {
  it.each<[string, Place, number, string[]]>([
    ['by the address: Massachusetts allows two', { country: 'US', regions: ['US-MA'], number: '+12125550101' }, 2, ['2in7']],
    ['by the area code: the person may be there', { country: 'US', regions: ['US-NY'], number: '+16175550102' }, 2, ['2in7']],
    ['not elsewhere: the country allows seven', { country: 'US', regions: ['US-NY'], number: '+12125550103' }, 2, []],
    ['not before they are used up', { country: 'US', regions: ['US-MA'], number: '+16175550104' }, 1, []],
    ['Ontario by the address', { country: 'CA', regions: ['CA-ON'], number: '+15145550105' }, 0, []],
    ['Ontario by the area code', { country: 'CA', regions: [], number: '+14165550106' }, 0, []],
    [
      'no pack for Quebec: nobody is called',
      { country: 'CA', regions: ['CA-QC'], number: '+15145550107' },
      0,
      ['unknown_pack', 'hours'],
    ],
  ])('bind %s', async (_, place, calls, reasons) => {
    expect((await afterCalls(place, calls)).reasons).toEqual(reasons);
  });

  it('are named with the verdict', async () => {
    const place: Place = { country: 'US', regions: ['US-MA'], number: '+12125550108' };
    expect((await afterCalls(place, 0)).packs).toEqual(expect.arrayContaining(['US-MA', 'US-REGF']));
  });
});
