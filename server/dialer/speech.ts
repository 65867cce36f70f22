import { createSeats, type Seats, type SpeakerGroup } from '../agents/seats.ts';
import { speaks } from '../agents/rules.ts';
import { isAble, isWorking } from './desks.ts';
import type { Call, Campaign, Desk, Floor } from './floor.ts';
import { wantsOne } from './kept.ts';

/**
 * Seats for the calls that a campaign may place now, by what its agents speak; null where no agent on duty states a language, since then
 * nothing is restricted. A call counts on an agent as the pacer reckons: one on each who is able, or in predictive pacing several on each on
 * duty; a language with few speakers keeps one line for each who is able.
 */
export function seatsFor(floor: Floor, campaign: Campaign): Seats | null {
  const { mode, ratio, maxLinesPerAgent, minAgentsForPredictive } = campaign.settings.pacing;
  const working = [...floor.desks.values()].filter((desk) => desk.campaignId === campaign.id && isWorking(floor, desk));
  if (working.every((desk) => desk.profile.languages.length === 0)) return null;
  const able = working.filter((desk) => isAble(floor, desk));
  const ahead = mode === 'predictive' && working.length >= minAgentsForPredictive;
  const lines = ahead ? maxLinesPerAgent : mode === 'ratio' ? Math.ceil(ratio) : 1;
  const inFlight = [...floor.calls.values()].filter((call) => call.campaignId === campaign.id && wantsOne(call));
  return createSeats(
    groupsOf(working, (desk) => (ahead || able.includes(desk) ? lines : 0)),
    inFlight.map((call) => call.language),
    (language) => (!ahead || speakersIn(working, language) >= minAgentsForPredictive ? Infinity : speakersIn(able, language)),
  );
}

/** What a campaign's agents on duty speak; null where one of them states nothing, and so speaks with everybody. */
export function spokenHere(floor: Floor, campaignId: string): Set<string> | null {
  const languages = new Set<string>();
  for (const desk of floor.desks.values()) {
    if (desk.campaignId !== campaignId || !isWorking(floor, desk)) continue;
    if (desk.profile.languages.length === 0) return null;
    for (const language of desk.profile.languages) languages.add(language);
  }
  return languages;
}

/** Agents by what they speak: the same languages, in whatever order, are one group. */
function groupsOf(desks: readonly Desk[], linesOf: (desk: Desk) => number): SpeakerGroup[] {
  const groups = new Map<string, SpeakerGroup>();
  for (const desk of desks) {
    const languages = desk.profile.languages.toSorted();
    const key = languages.join();
    groups.set(key, { languages, lines: (groups.get(key)?.lines ?? 0) + linesOf(desk) });
  }
  return [...groups.values()];
}

function speakersIn(desks: readonly Desk[], language: string): number {
  return desks.filter((desk) => speaks(desk.profile, language)).length;
}

/** Whether somebody of the campaign's agents on duty can speak with a debtor who is about to be called. */
export function isSpokenHere(floor: Floor, call: Call): boolean {
  if (call.language === null) return true;
  for (const desk of floor.desks.values()) {
    if (desk.campaignId === call.campaignId && speaks(desk.profile, call.language) && isWorking(floor, desk)) return true;
  }
  return false;
}

/** Whether a call in flight wants a language that of those who are able only this agent speaks. */
export function isOnlySpeaker(floor: Floor, desk: Desk): boolean {
  for (const call of floor.calls.values()) {
    if (call.language === null || call.campaignId !== desk.campaignId || !wantsOne(call)) continue;
    const { language } = call;
    if (!speaks(desk.profile, language)) continue;
    const others = [...floor.desks.values()].filter((other) => other !== desk && other.campaignId === desk.campaignId);
    if (!others.some((other) => isAble(floor, other) && speaks(other.profile, language))) return true;
  }
  return false;
}
