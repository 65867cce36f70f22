import { soundLanguage, soundName } from '../telephony/sounds.ts';
import { handOver } from './serve.ts';
import { floorNowMs, switchAnswers, type Call, type Desk, type Floor } from './floor.ts';
import { faultOf, hangUp } from './message.ts';
import { changed } from './desks.ts';

/** How long the debtor hears music before another agent is asked. */
export const RESCUE_MS = 8_000;
const APOLOGY_LIMIT_MS = 12_000;
/** How soon the debtor is brought back again when that failed while the switch was out of sight. */
const LOOK_AGAIN_MS = 500;

/**
 * The agent's leg was lost while talking: the debtor, in `bridgeId` until now, hears music, the leg is called back (by the caller of
 * this), and after eight seconds another agent of the campaign takes the call, or an apology is said and the call ends.
 */
export function startRescue(floor: Floor, call: Call, desk: Desk, bridgeId: string | null): void {
  if (call.rescue || call.state === 'ended') return;
  const wasHeld = call.place === 'held';
  call.place = 'music';
  call.rescue = setTimeout(() => giveUpWaiting(floor, call, desk), RESCUE_MS);
  if (!wasHeld) void toMusic(floor, call, bridgeId);
  changed(floor, desk);
}

/** The agent's leg is back in its bridge: so is the debtor. */
export async function endRescue(floor: Floor, call: Call, desk: Desk): Promise<void> {
  stopRescueTimer(call);
  if (call.state === 'ended' || desk.bridgeId === null) return;
  await fromMusic(floor, call, desk.bridgeId);
}

/** Takes the debtor's leg out of the bridge, if it is in one, and plays music to it. */
export async function toMusic(floor: Floor, call: Call, bridgeId: string | null): Promise<void> {
  try {
    if (bridgeId !== null) await floor.telephone.part(bridgeId, call.legId);
    await floor.telephone.startMusic(call.legId);
  } catch (error) {
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'music could not be started');
  }
}

/** Stops the music and brings the debtor's leg back into the bridge; `leg.joined` completes it. */
export async function fromMusic(floor: Floor, call: Call, bridgeId: string): Promise<void> {
  call.place = 'joining';
  try {
    await floor.telephone.stopMusic(call.legId);
    await floor.telephone.join(bridgeId, call.legId);
  } catch (error) {
    const fault = faultOf(error);
    // The news of its end is on the way.
    if (fault === 'leg_gone' || call.state === 'ended') return;
    floor.log.warn({ err: error, attemptId: call.attemptId }, 'debtor could not be brought back to the agent');
    if (switchAnswers(floor)) {
      hangUp(floor, call);
      return;
    }
    setTimeout(() => {
      if (call.state !== 'ended' && call.place === 'joining' && call.desk?.bridgeId === bridgeId) {
        void fromMusic(floor, call, bridgeId);
      }
    }, LOOK_AGAIN_MS).unref();
  }
}

/** Ends the wait for an agent's leg, when the call has ended or moved on. */
export function stopRescueTimer(call: Call): void {
  if (call.rescue) clearTimeout(call.rescue);
  call.rescue = null;
}

function giveUpWaiting(floor: Floor, call: Call, desk: Desk): void {
  call.rescue = null;
  if (call.state === 'ended' || call.desk !== desk || call.place !== 'music') return;
  if (handOver(floor, call, desk, floorNowMs(floor))) return;
  // From here the call ends, even if the leg comes back: nobody is cut off in mid-sentence by a change of mind.
  call.place = 'apology';
  call.rescue = setTimeout(() => hangUp(floor, call), APOLOGY_LIMIT_MS);
  const language = call.language ?? call.file?.language ?? null;
  floor.telephone
    .stopMusic(call.attemptId)
    .then(() => floor.telephone.play(call.legId, soundName('apology', soundLanguage(language)), `apology-${call.attemptId}`))
    .catch((error: unknown) => {
      floor.log.warn({ err: error, attemptId: call.attemptId }, 'apology could not be said');
      hangUp(floor, call);
    });
}

/** A sound has been played out: after the apology the call ends. */
export function played(floor: Floor, call: Call, playbackId: string): void {
  if (playbackId === `apology-${call.attemptId}`) hangUp(floor, call);
}
