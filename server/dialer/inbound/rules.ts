/** What happens to a caller, decided apart from doing it. */
import type { CallingHours } from '../../contract/campaigns.ts';
import type { InboundSettings } from '../../contract/inbound.ts';
import { HIGHEST_SPOKEN_NUMBER, INBOUND_SOUNDS, numberSound } from '../../telephony/sounds.ts';

/** The keys that a waiting caller may press, once they were offered. */
export const CALLBACK_KEY = '1';
export const VOICEMAIL_KEY = '2';

/** Between two announcements a caller hears the music so many times, */
const MUSIC_TIMES = 2;
/** and at the latest after this another announcement is due. */
const LONGEST_MUSIC_MS = 60_000;

/** Whether a moment lies in weekly hours, by the clock of `zone`. */
export function isOpen(hours: readonly CallingHours[], zone: string, now: Temporal.Instant): boolean {
  const here = now.toZonedDateTimeISO(zone);
  const time = here.toPlainTime().toString({ smallestUnit: 'minute' });
  return hours.some(({ days, from, to }) => days.includes(here.dayOfWeek) && from <= time && time < to);
}

/** The first letter of each part of a name, which proves nothing to whoever has not been told it. */
export function initialsOf(name: string): string {
  const parts = name.split(/\s+/u).filter((part) => /\p{L}/u.test(part));
  return parts.map((part) => `${/\p{L}/u.exec(part)?.[0] ?? ''}.`).join(' ');
}

/** A campaign that answers the number called, as far as the choice among several goes. */
export interface Choice {
  id: string;
  running: boolean;
  /** Agents on duty. */
  agents: number;
}

/** Which campaign takes a caller: the one they were called for, if anybody works there; else one with agents, that runs, in this order. */
export function chooseCampaign<C extends Choice>(campaigns: readonly C[], theirs: string | null): C | null {
  const rank = (campaign: C): number =>
    (campaign.agents > 0 ? 4 : 0) + (campaign.id === theirs ? 2 : 0) + (campaign.running ? 1 : 0);
  return campaigns.toSorted((a, b) => rank(b) - rank(a))[0] ?? null;
}

/** A caller in the line. */
export interface Waiting {
  /** From 1. */
  place: number;
  waitedMs: number;
  /** How many agents of the campaign are on duty. */
  agents: number;
  settings: InboundSettings;
  /** Whether they were greeted already. */
  greeted: boolean;
}

/** What a caller in the line hears next: sounds in order, music at their end, and whether they are offered keys by them. */
export interface Announcement {
  sounds: string[];
  offers: boolean;
}

/** A greeting, the place in the line, and what they may do instead of waiting once that is due, or at once while nobody is on duty. */
export function announcement({ place, waitedMs, agents, settings, greeted }: Waiting): Announcement {
  const offers = (settings.callback || settings.voicemail) && (agents === 0 || waitedMs >= settings.offerAfterMs);
  const sounds: string[] = greeted ? [] : [INBOUND_SOUNDS.wait];
  if (place <= HIGHEST_SPOKEN_NUMBER) sounds.push(INBOUND_SOUNDS.position, numberSound(place));
  if (offers && settings.callback) sounds.push(INBOUND_SOUNDS.choiceCallback);
  if (offers && settings.voicemail) sounds.push(INBOUND_SOUNDS.choiceVoicemail);
  if (offers) sounds.push(INBOUND_SOUNDS.choiceStay);
  sounds.push(...Array.from({ length: MUSIC_TIMES }, () => INBOUND_SOUNDS.music));
  return { sounds, offers };
}

/** When the next announcement is due at the latest, even in the midst of the music: at an offer, and at the end of the wait. */
export function nextAnnouncementMs(waitedMs: number, settings: InboundSettings): number {
  const until = [settings.offerAfterMs, settings.longestWaitMs].map((atMs) => atMs - waitedMs).filter((ms) => ms > 0);
  return Math.min(LONGEST_MUSIC_MS, ...until);
}

/** What a key does for a caller to whom keys were offered; null: nothing. */
export function choiceOf(digit: string, settings: InboundSettings): 'callback' | 'voicemail' | null {
  if (digit === CALLBACK_KEY && settings.callback) return 'callback';
  return digit === VOICEMAIL_KEY && settings.voicemail ? 'voicemail' : null;
}

/**
 * Whether an able agent may be given to a caller now: never while people whom we called and who answered wait, who have two seconds;
 * and where each call being dialed has an agent of its own, only one that none of them counts on.
 */
export function mayTakeAgent(line: { able: number; answeredWaiting: number; mode: string; inFlight: number }): boolean {
  if (line.able === 0 || line.answeredWaiting > 0) return false;
  return line.mode !== 'progressive' || line.able > line.inFlight;
}
