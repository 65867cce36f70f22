import type { LiveLeg } from '../telephony/port.ts';
import type { Call, Desk, Floor } from './floor.ts';
import { fromMusic, startRescue } from './rescue.ts';
import { SwitchFault } from '../telephony/faults.ts';

/**
 * Has the news of a leg that was found alive come to us. False when it is gone since it was found, which the switch refuses as it
 * refuses any unknown leg; throws when the switch itself is out of reach.
 */
export async function adoptLeg(floor: Floor, legId: string): Promise<boolean> {
  try {
    await floor.telephone.adopt(legId);
    return true;
  } catch (error) {
    if (!(error instanceof SwitchFault) || error.code === 'no_reply' || error.code === 'not_connected') throw error;
    floor.log.info({ legId }, 'a leg was gone before it could be adopted');
    return false;
  }
}

/** A debtor who talks with an agent and is in no bridge: back to the agent, or to music until the agent's leg is back. */
export function bringBack(floor: Floor, call: Call, desk: Desk, live: ReadonlyMap<string, LiveLeg>): void {
  const agentLeg = desk.legId === null ? undefined : live.get(desk.legId);
  if (desk.bridgeId !== null && agentLeg?.bridgeId === desk.bridgeId) void fromMusic(floor, call, desk.bridgeId);
  else startRescue(floor, call, desk, null);
}
