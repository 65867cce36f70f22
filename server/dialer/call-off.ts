import { readCallOffs } from '../queue/call-off.ts';
import type { Call, Floor } from './floor.ts';
import { hangUp } from './message.ts';

/**
 * Ends unanswered calls that were called off in the database: asked when told so, and every second while there are such calls, since word
 * may get lost. A call that has been answered meanwhile goes on: its person must not hear the line go dead.
 */
export async function endCalledOff(floor: Floor): Promise<void> {
  if (floor.launches.size === 0 && ![...floor.calls.values()].some(isUnanswered)) return;
  const ids = await readCallOffs(floor.database, floor.floorId);
  // Some may be committed as dialing and not be sent yet.
  floor.calledOff = new Set(ids);
  for (const id of ids) {
    const call = floor.calls.get(id);
    if (!call || !isUnanswered(call) || call.hungUpByUs) continue;
    call.calledOff = true;
    hangUp(floor, call);
  }
}

function isUnanswered(call: Call): boolean {
  return call.state === 'dialing' || call.state === 'ringing';
}
