import { randomUUIDv7 } from 'node:crypto';
import { dayZoneOf } from '../../campaigns/rules.ts';
import type { Caller, InboundPart } from '../../telephony/port.ts';
import { SOUND_LANGUAGES, type SoundLanguage } from '../../telephony/sounds.ts';
import { workingDesks } from '../desks.ts';
import { newInboundCall, type Call, type Campaign, type Floor } from '../floor.ts';
import { faultOf } from '../message.ts';
import { joinLine } from './line.ts';
import { chooseCampaign, initialsOf, isOpen } from './rules.ts';
import { noteInbound, readCaller, type KnownCaller } from './store.ts';

/** Nobody is kept in silence for longer by a slow database: without its answer the caller is one like any other. */
const LOOK_UP_MS = 1_000;
/** The dialplan's deadline until the caller has an agent or hears something. */
const DEADLINE_MS = 30_000;

/** Tells the switch which numbers this floor answers, where that has changed. What fails is said again the next time. */
export async function answerNumbers(floor: Floor): Promise<void> {
  const numbers = [...floor.campaigns.values()].flatMap(({ state, settings }) =>
    settings.callerId === null || state === 'ended' ? [] : [{ number: settings.callerId, voicemail: settings.inbound.voicemail }],
  );
  try {
    await floor.telephone.answerNumbers(numbers);
  } catch (error) {
    floor.log.warn({ err: error }, 'the switch could not be told which numbers are answered');
  }
}

/** Somebody has called one of our numbers, or comes to us anew after another dialer had them. */
export function callArrives(floor: Floor, legId: string, stampMs: number, caller: Caller): void {
  const known = floor.inbound.get(legId);
  if (known !== undefined && known.inbound?.stage !== 'arriving') return;
  const campaign = chooseFor(floor, caller.called, null);
  if (campaign === null) {
    quietly(floor, legId, floor.telephone.serveInbound(legId, 'unserved'));
    return;
  }
  const call =
    known ?? newInboundCall(floor, { attemptId: randomUUIDv7(), legId, campaignId: campaign.id, caller, enteredMs: stampMs });
  floor.inbound.set(legId, call);
  receive(floor, call).catch((error: unknown) => {
    floor.log.error({ err: error, callId: call.attemptId }, 'a caller could not be received');
    sendAway(floor, call, 'unserved');
  });
}

/** Looks up who may be calling, and lets them in: to the line, or to what is said outside the hours. */
async function receive(floor: Floor, call: Call): Promise<void> {
  const { inbound } = call;
  if (inbound === null) return;
  const known = call.number === '' ? null : await lookUp(floor, call.number);
  if (hasGone(call)) return;
  const campaign = chooseFor(floor, inbound.called, known?.people[0]?.campaignId ?? null);
  if (campaign === null) return sendAway(floor, call, 'unserved');
  call.campaignId = campaign.id;
  call.phoneId = known?.phoneId ?? null;
  const people = known?.people ?? [];
  inbound.candidates = people.map(({ partyId, name, kind, language }) => ({
    partyId,
    initials: initialsOf(name),
    kind,
    language,
  }));
  inbound.lastAgentId = people[0]?.agentId ?? null;
  call.language = people[0]?.language ?? null;
  noteInbound(floor, call);
  const language = spokenLanguage(people[0]?.language ?? null);
  await takeIn(floor, call, language);
  if (hasGone(call)) return;
  if (!campaign.settings.inbound.answer) return sendAway(floor, call, 'unserved');
  if (!isOpen(campaign.settings.hours, dayZoneOf(campaign.settings), floor.clock.now())) return sendAway(floor, call, 'closed');
  joinLine(floor, call);
}

/** Whether the caller is gone, or served by the dialplan, while something was waited for. */
function hasGone(call: Call): boolean {
  return call.state === 'ended' || call.inbound?.stage !== 'arriving';
}

/** Before anything is played: the switch does nothing else to a leg that hears something. */
async function takeIn(floor: Floor, call: Call, language: SoundLanguage | null): Promise<void> {
  const taken = floor.telephone.takeIn(call.legId, { limitMs: DEADLINE_MS, language });
  quietly(floor, call.legId, taken);
  await taken.catch(() => undefined);
}

/** Theirs where there are recordings, else the switch's own. */
function spokenLanguage(language: string | null): SoundLanguage | null {
  return SOUND_LANGUAGES.find((known) => known === language) ?? null;
}

async function lookUp(floor: Floor, number: string): Promise<KnownCaller | null> {
  const found = readCaller(floor.database, number, [...floor.campaigns.keys()]).catch((error: unknown) => {
    floor.log.warn({ err: error }, 'who is calling could not be looked up');
    return null;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LOOK_UP_MS);
  });
  const known = await Promise.race([found, late]);
  clearTimeout(timer);
  return known;
}

function chooseFor(floor: Floor, called: string, theirs: string | null): Campaign | null {
  const answering = [...floor.campaigns.values()]
    .filter(({ state, settings }) => settings.callerId === called && state !== 'ended')
    .map((campaign) => ({
      campaign,
      id: campaign.id,
      running: campaign.state === 'running',
      agents: workingDesks(floor, campaign.id),
    }));
  return chooseCampaign(answering, theirs)?.campaign ?? null;
}

/** Hands a caller back to the dialplan, which says what there is to say and ends the call. */
export function sendAway(floor: Floor, call: Call, part: Exclude<InboundPart, 'enter'>): void {
  const { inbound } = call;
  if (inbound === null || call.state === 'ended' || inbound.stage === 'dialplan') return;
  inbound.stage = 'dialplan';
  call.place = 'alone';
  // What they leave is found when the leg has ended.
  inbound.result = part === 'voicemail' ? 'unserved' : part;
  quietly(floor, call.legId, floor.telephone.serveInbound(call.legId, part));
}

/** A leg that is gone, or that the dialplan has taken at its deadline, is served already. */
function quietly(floor: Floor, legId: string, work: Promise<void>): void {
  work.catch((error: unknown) => {
    const fault = faultOf(error);
    if (fault === 'leg_gone' || fault === 'leg_not_controlled') return;
    floor.log.warn({ err: error, legId }, 'a caller could not be served');
  });
}
