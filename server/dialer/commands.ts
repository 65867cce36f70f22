import { readAgent } from '../agents/store.ts';
import type { DeskCommand, DeskReply } from '../contract/desk.ts';
import type { FloorCommand } from '../contract/floor.ts';
import { Refusal } from '../kernel/errors.ts';
import { endCalledOff } from './call-off.ts';
import { changed, deskOf, move, tellAvailability, viewOf } from './desks.ts';
import { tellPacer, type Call, type Desk, type Floor } from './floor.ts';
import { ledgerChanged } from './ledger.ts';
import { hangUp } from './message.ts';
import { identify } from './inbound/confirmed.ts';
import { demoCallsUs } from './inbound/demo.ts';
import { findCaller } from './inbound/find.ts';
import { leaving } from './leave.ts';
import { fromMusic, toMusic } from './rescue.ts';
import { isAway } from '../kernel/faults.ts';
import { callAgain, endTest, logIn, provisionStation, reattach, testStation } from './stations.ts';
import { reloadCampaign, reloadTrunks } from './settings.ts';
import { serveLine } from './serve.ts';
import { testTrunk } from './test-call.ts';
import { dispose } from './wrap-up.ts';

/** Does what a web process asks. Commands of one agent are done one after another, since each may depend on the last. */
export async function obey(floor: Floor, command: FloorCommand): Promise<void> {
  switch (command.type) {
    case 'alive':
      for (const agentId of command.agentIds) heard(floor, agentId);
      return;
    case 'changed':
      if (command.what === 'campaign') await reloadCampaign(floor, command.id);
      if (command.what === 'trunk') await reloadTrunks(floor);
      if (command.what === 'user') await refreshAgent(floor, command.id);
      if (command.what === 'calls') await endCalledOff(floor);
      return;
    case 'corrected':
      // The call itself is long forgotten: it has no number any more that the pacer could know.
      tellPacer(floor, command.campaignId, { type: 'amd.correction', call: 0, was: command.was });
      ledgerChanged(floor, command.campaignId);
      return;
    case 'desk':
      await answer(floor, command.id, command.agentId, (desk) => {
        requirePresent(desk, command.command, command.seq);
        return carryOut(floor, desk, command.command);
      });
      return;
    case 'desk_snapshot':
      await answer(floor, command.id, command.agentId, () => Promise.resolve());
      return;
    case 'test_trunk':
      return testTrunk(floor, command);
    case 'watched':
      floor.watchedAtMs = floor.clock.monotonicMs();
      return;
    case 'demo_caller':
      return demoCallsUs(floor, command);
    case 'provision_station':
      await answer(floor, command.id, command.agentId, (desk) => provisionStation(floor, desk));
      return;
  }
}

/** A console acknowledged: its agent may be given calls again if only its silence stood in the way. */
function heard(floor: Floor, agentId: string): void {
  const desk = floor.desks.get(agentId);
  if (!desk) return;
  desk.heardAtMs = floor.clock.monotonicMs();
  tellAvailability(floor, desk);
  if (desk.inLineFor !== null) serveLine(floor, desk.inLineFor);
}

async function refreshAgent(floor: Floor, agentId: string): Promise<void> {
  const desk = floor.desks.get(agentId);
  if (!desk) return;
  const profile = await readAgent(floor.database, agentId);
  if (profile?.standsBy === desk.profile.standsBy) {
    desk.profile = profile;
    changed(floor, desk);
    return;
  }
  // Disabled, or of another role: out as soon as the call at hand is done.
  if (move(floor, desk, leaving(floor, desk, { type: 'log_out' }))) changed(floor, desk);
}

async function answer(floor: Floor, id: string, agentId: string, act: (desk: Desk) => Promise<void>): Promise<void> {
  const reply = await attempt(floor, agentId, act);
  floor.tell({ type: 'reply', id, reply });
}

async function attempt(floor: Floor, agentId: string, act: (desk: Desk) => Promise<void>): Promise<DeskReply> {
  try {
    const desk = await findDesk(floor, agentId);
    await act(desk);
    return { ok: true, desk: viewOf(floor, desk) };
  } catch (error) {
    if (error instanceof Refusal) {
      const details = Object.keys(error.details).length > 0 ? { details: error.details } : {};
      return { ok: false, problem: { code: error.code, message: error.message, field: error.field, ...details } };
    }
    floor.log.error({ err: error, agentId }, 'command failed');
    const code = isAway(error) ? 'database_away' : 'switch_away';
    return { ok: false, problem: { code, message: 'this cannot be done right now, try again in a moment', field: null } };
  }
}

async function findDesk(floor: Floor, agentId: string): Promise<Desk> {
  const known = floor.desks.get(agentId);
  if (known && known.work.state !== 'offline') return known;
  const profile = await readAgent(floor.database, agentId);
  if (!profile) throw new Refusal('unknown_agent', 'there is no such agent', { status: 404 });
  const desk = deskOf(floor, profile);
  desk.heardAtMs = floor.clock.monotonicMs();
  return desk;
}

async function carryOut(floor: Floor, desk: Desk, command: DeskCommand): Promise<void> {
  desk.heardAtMs = floor.clock.monotonicMs();
  switch (command.type) {
    case 'test_station':
      return testStation(floor, desk);
    case 'end_test':
      return endTest(floor, desk);
    case 'log_in':
      return logIn(floor, desk, command.campaignId);
    case 'log_out':
      requireMove(floor, desk, leaving(floor, desk, { type: 'log_out' }));
      changed(floor, desk);
      return;
    case 'ready':
      requireMove(floor, desk, { type: 'ready' });
      if (desk.legId === null) await callAgain(floor, desk);
      else changed(floor, desk);
      return;
    case 'pause':
      requireMove(floor, desk, leaving(floor, desk, { type: 'pause', reason: command.reason }));
      changed(floor, desk);
      return;
    case 'reattach':
      return reattach(floor, desk);
    case 'hang_up':
      hangUp(floor, requireCall(desk));
      return;
    case 'hold':
      return hold(floor, desk, command.on);
    case 'mute':
      requireCall(desk);
      desk.muted = command.on;
      changed(floor, desk);
      return;
    case 'digits':
      return floor.telephone.sendDigits(requireCall(desk).legId, command.digits);
    case 'identify':
      return identify(floor, desk, command);
    case 'find_caller':
      return findCaller(floor, desk, command);
    case 'dispose':
      return dispose(floor, desk, command);
  }
}

function requireMove(floor: Floor, desk: Desk, event: Parameters<typeof move>[2]): void {
  if (move(floor, desk, event)) return;
  throw new Refusal('not_now', `an agent who is ${desk.work.state} cannot do that`, {
    status: 409,
    details: { state: desk.work.state },
  });
}

/** What is meant for the call of a moment ago must not end, hold or mute the next one. A `seq` of 0 says nothing. */
function requirePresent(desk: Desk, command: DeskCommand, seq: number): void {
  if (!MEANT_FOR_ONE_CALL.has(command.type) || seq === 0 || seq >= desk.callSeq) return;
  throw new Refusal('no_call', 'the call this was meant for is over', { status: 409 });
}
const MEANT_FOR_ONE_CALL: ReadonlySet<DeskCommand['type']> = new Set(['hang_up', 'hold', 'mute', 'digits']);

function requireCall(desk: Desk): Call {
  if (desk.call && desk.work.state === 'talking' && desk.call.state !== 'ended') return desk.call;
  throw new Refusal('no_call', 'there is no call on this desk', { status: 409 });
}

/** Hold is the server's, so that music, figures and recording know of it. */
async function hold(floor: Floor, desk: Desk, on: boolean): Promise<void> {
  const call = requireCall(desk);
  if (desk.bridgeId === null || (on ? call.place !== 'bridged' : call.place !== 'held')) {
    throw new Refusal('not_now', on ? 'this call cannot be held now' : 'this call is not on hold', { status: 409 });
  }
  if (on) {
    call.place = 'held';
    await toMusic(floor, call, desk.bridgeId);
  } else {
    await fromMusic(floor, call, desk.bridgeId);
  }
  changed(floor, desk);
}
