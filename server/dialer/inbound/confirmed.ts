import type { DeskCommand } from '../../contract/desk.ts';
import { Refusal } from '../../kernel/errors.ts';
import { confirmCaller } from '../../queue/inbound.ts';
import { endCalledOff } from '../call-off.ts';
import { changed } from '../desks.ts';
import { readDossier } from '../dossier.ts';
import { floorNowMs, iso, type Call, type Desk, type Floor } from '../floor.ts';

type Identify = Extract<DeskCommand, { type: 'identify' }>;

/**
 * The agent says who is calling: one of the candidates or of those looked for, who has said so themselves, or none of them. Once confirmed
 * the call is a contact with that person, their file comes to the desk, and nobody dials them while it lasts. Returns once that is committed.
 */
export async function identify(floor: Floor, desk: Desk, { attemptId, partyId }: Identify): Promise<void> {
  const { call } = desk;
  if (call?.attemptId !== attemptId || (desk.work.state !== 'talking' && desk.work.state !== 'wrap_up')) {
    throw new Refusal('not_your_call', 'this call is not on your desk', { field: 'attemptId', status: 409 });
  }
  const { inbound } = call;
  if (inbound === null || call.partyId !== null) {
    if (call.partyId === partyId) return;
    throw new Refusal('already_confirmed', 'it was confirmed who is calling', { status: 409 });
  }
  if (partyId === null) {
    inbound.caller = 'nobody';
    changed(floor, desk);
    return;
  }
  if (![...inbound.candidates, ...inbound.found].some((each) => each.partyId === partyId)) {
    throw new Refusal('not_a_candidate', 'nobody with this number has that file', { field: 'partyId', status: 409 });
  }
  const { phoneId, ...dossier } = await floor.writer.now(attemptId, 'caller confirmed', async (database) => {
    const confirmedAt = await confirmCaller(database, {
      attemptId,
      campaignId: call.campaignId,
      floorId: floor.floorId,
      epoch: floor.lease.epoch,
      partyId,
      phoneId: call.phoneId,
      number: call.number,
      called: inbound.called,
      trunk: call.trunk,
      agentId: desk.agentId,
      enteredAt: iso(inbound.enteredMs),
      connectedAt: iso(call.stamps.connected ?? floorNowMs(floor)),
    });
    return { ...(await readDossier(database, partyId)), phoneId: confirmedAt };
  });
  call.partyId = partyId;
  call.phoneId = phoneId;
  Object.assign(call, dossier);
  inbound.caller = 'confirmed';
  // It ended while this was being written.
  if (call.state === 'ended') noteConfirmedEnd(floor, call, desk.work.sinceMs);
  void endCalledOff(floor).catch(() => undefined);
  if (desk.call === call) changed(floor, desk);
}

/** A contact with a confirmed person has ended: their place in the queue is decided as after any other conversation. */
export function noteConfirmedEnd(floor: Floor, call: Call, stampMs: number): void {
  if (call.partyId === null || call.inbound === null) return;
  floor.journal.learnt(call.partyId);
  floor.journal.end({
    attemptId: call.attemptId,
    result: 'connected',
    ending: call.hungUpByUs ? 'agent_hangup' : 'caller_hangup',
    counts: true,
    inbound: true,
    cause: null,
    techCause: null,
    endedAt: Temporal.Instant.fromEpochMilliseconds(Math.round(stampMs)),
    stamps: {
      agentId: call.lastAgentId,
      screening: null,
      ringing: null,
      answered: null,
      waiting: null,
      connected: call.stamps.connected === undefined ? null : iso(call.stamps.connected),
      message: null,
    },
  });
}
