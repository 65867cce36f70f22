import { randomUUID } from 'node:crypto';
import type { FloorCommand } from '../../contract/floor.ts';
import type { Floor } from '../floor.ts';

/** Has a debtor of the demo call the number of their campaign, so that calls that come in can be tried by hand. Real numbers are never called so. */
export async function demoCallsUs(floor: Floor, asked: Extract<FloorCommand, { type: 'demo_caller' }>): Promise<void> {
  const campaign = floor.campaigns.get(asked.campaignId);
  const { trunk, callerId: called = null } = campaign?.settings ?? {};
  if (!campaign?.demo || called === null || trunk === undefined || floor.trunks.get(trunk)?.limits.kind !== 'demo') return;
  const reply = await floor.telephone.callAsDebtor({ legId: randomUUID(), trunk, number: asked.number, called });
  if (reply.outcome !== 'accepted') floor.log.warn({ reason: reply.reason }, 'no debtor of the demo could call us');
}
