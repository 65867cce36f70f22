import type { DeskCommand } from '../contract/desk.ts';
import { MACHINE_OUTCOME } from '../contract/outcomes.ts';
import { Refusal } from '../kernel/errors.ts';
import type { OutcomeEffect } from '../contract/outcomes.ts';
import { recordUnknownCaller } from '../queue/inbound.ts';
import { recordOutcome, type OutcomeToRecord } from '../queue/outcome.ts';
import { changed, clearCall, move } from './desks.ts';
import { floorNowMs, tellPacer, type Call, type Desk, type Floor } from './floor.ts';
import { ledgerChanged } from './ledger.ts';
import { callBackAnew } from './stations.ts';
import { readOutcome } from './store.ts';

type Dispose = Extract<DeskCommand, { type: 'dispose' }>;

/** Starts the wrap-up: the form stays open until it is saved or the time runs out. */
export function startWrapUp(floor: Floor, desk: Desk): void {
  const campaignId = desk.call?.campaignId ?? desk.campaignId ?? '';
  const limitMs = floor.campaigns.get(campaignId)?.settings.wrapUpLimitMs ?? 120_000;
  desk.wrapUpEndsAtMs = floorNowMs(floor) + limitMs;
  desk.wrapUpTimer = setTimeout(() => runOut(floor, desk), limitMs);
}

/**
 * Saves an outcome and ends the wrap-up. It returns once the outcome, its effect on the next attempt, and the promise, hold or
 * callback that goes with it are committed together (invariant I8). What was saved before may be said again, since a console may
 * not have heard the answer; another outcome is refused.
 */
export async function dispose(floor: Floor, desk: Desk, command: Dispose): Promise<void> {
  if (desk.work.state === 'talking' || desk.work.state === 'offered') {
    throw new Refusal('call_not_ended', 'hang up before saving the outcome', { status: 409 });
  }
  if (desk.work.state !== 'wrap_up' || desk.work.attemptId !== command.attemptId) {
    return sayAgain(floor, desk, command);
  }
  if (desk.saving) throw new Refusal('already_saving', 'this outcome is being saved', { status: 409 });
  desk.saving = true;
  try {
    const effect = await floor.writer.now(command.attemptId, 'outcome', (database) =>
      record(database, desk.call, {
        attemptId: command.attemptId,
        agentId: desk.agentId,
        outcome: command.outcome,
        note: command.note,
      }),
    );
    desk.lastEffect = effect;
    if (desk.call) {
      if (desk.call.partyId !== null) floor.journal.learnt(desk.call.partyId);
      if (command.outcome.code === MACHINE_OUTCOME) machineHeard(floor, desk.call);
    }
  } finally {
    desk.saving = false;
    // The time ran out while this was being refused.
    if (desk.lastEffect === null && floorNowMs(floor) >= (desk.wrapUpEndsAtMs ?? Infinity)) runOut(floor, desk);
  }
  if (desk.work.attemptId !== command.attemptId) return;
  clearCall(desk);
  move(floor, desk, { type: 'disposed', next: command.next });
  afterWork(floor, desk);
}

/** Of a caller whom nobody has confirmed there is no attempt. */
function record(database: Parameters<typeof recordOutcome>[0], call: Call | null, said: OutcomeToRecord): Promise<OutcomeEffect> {
  if (!call?.inbound || call.partyId !== null) return recordOutcome(database, said);
  const candidates = call.inbound.candidates.map((each) => each.partyId);
  return recordUnknownCaller(database, { ...said, phoneId: call.phoneId, number: call.number || null, candidates });
}

/** What was taken for a person was a machine: it leaves the count, which is told to the pacer once it has been counted anew. */
function machineHeard(floor: Floor, call: Call): void {
  if (call.inbound) return;
  tellPacer(floor, call.campaignId, { type: 'amd.correction', call: call.pacingId, was: 'machine' });
  ledgerChanged(floor, call.campaignId);
}

async function sayAgain(floor: Floor, desk: Desk, command: Dispose): Promise<void> {
  const said = await readOutcome(floor.database, command.attemptId);
  if (said?.agentId !== desk.agentId) {
    throw new Refusal('not_your_call', 'this call is not waiting for your outcome', { field: 'attemptId', status: 409 });
  }
  if (said.code !== command.outcome.code) {
    throw new Refusal('already_recorded', 'this call already has an outcome', { status: 409 });
  }
  desk.lastEffect = said.effect;
}

function runOut(floor: Floor, desk: Desk): void {
  const { attemptId } = desk.work;
  if (desk.saving || desk.work.state !== 'wrap_up' || attemptId === null) return;
  const { call } = desk;
  const partyId = call?.partyId;
  clearCall(desk);
  move(floor, desk, { type: 'wrap_up_expired' });
  changed(floor, desk);
  floor.writer.later(attemptId, 'outcome of the system', async (database) => {
    await record(database, call, { attemptId, agentId: desk.agentId, outcome: { code: 'wrap_up_expired' }, note: '' });
    if (partyId) floor.journal.learnt(partyId);
  });
}

/** After the last word of a call: the station of an agent who stays and has lost its leg is called. */
function afterWork(floor: Floor, desk: Desk): void {
  if (desk.work.state !== 'offline' && desk.legId === null) {
    callBackAnew(floor, desk);
  }
  changed(floor, desk);
}
