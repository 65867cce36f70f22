import type { Desk } from '../../../server/contract/desk.ts';
import type { Problem } from '../../../server/contract/people.ts';

/** What the console knows of its desk and of the line to it. Times named `…Ms` are the page's own monotonic clock. */
export interface DeskModel {
  link: 'connecting' | 'open' | 'lost';
  /** When the link was lost; a banner shows two seconds later. */
  lostAtMs: number | null;
  /** Whether this tab holds the desk. `elsewhere`: another tab does, `taken`: another took it from here. */
  claim: 'asking' | 'mine' | 'elsewhere' | 'taken' | 'refused';
  refusal: Problem | null;
  desk: Desk | null;
  /** The server's time of the last whole desk: what was there by then may be known to other pages too. */
  openedAt: string | null;
  /** Server's epoch milliseconds minus the page's monotonic clock, by the fastest message seen on this link. */
  serverOffsetMs: number | null;
  /** A sequence number was skipped or began anew: the whole desk must be asked for. */
  needsSnapshot: boolean;
}

export type DeskNews =
  | { type: 'link_open' }
  | { type: 'link_lost'; atMs: number }
  | { type: 'snapshot'; desk: Desk; atMs: number }
  | { type: 'desk'; desk: Desk; atMs: number }
  | { type: 'elsewhere' }
  | { type: 'refused'; problem: Problem }
  | { type: 'taken' };

/** The state before anything is known. */
export const NO_DESK: DeskModel = {
  link: 'connecting',
  lostAtMs: null,
  claim: 'asking',
  refusal: null,
  desk: null,
  openedAt: null,
  serverOffsetMs: null,
  needsSnapshot: false,
};

/**
 * What one piece of news makes of the model. Late desks (sequence not above the one shown, clock not newer) change nothing; a lower
 * sequence with a newer clock is a dialer that took the floor anew, and is believed.
 */
export function hear(model: DeskModel, news: DeskNews): DeskModel {
  switch (news.type) {
    case 'link_open':
      return {
        ...model,
        link: 'open',
        lostAtMs: null,
        claim: model.claim === 'taken' ? 'taken' : 'asking',
        needsSnapshot: false,
      };
    case 'link_lost':
      return { ...model, link: 'lost', lostAtMs: model.lostAtMs ?? news.atMs };
    case 'snapshot':
      return {
        ...model,
        claim: 'mine',
        refusal: null,
        desk: news.desk,
        openedAt: news.desk.serverTime,
        serverOffsetMs: offset(null, news.desk, news.atMs),
        needsSnapshot: false,
      };
    case 'desk':
      return hearDesk(model, news.desk, news.atMs);
    case 'elsewhere':
      return { ...model, claim: 'elsewhere' };
    case 'refused':
      return { ...model, claim: 'refused', refusal: news.problem };
    case 'taken':
      return { ...model, claim: 'taken' };
  }
}

function hearDesk(model: DeskModel, desk: Desk, atMs: number): DeskModel {
  const shown = model.desk;
  if (shown === null) return { ...model, desk, serverOffsetMs: offset(null, desk, atMs), needsSnapshot: true };
  const newer = Date.parse(desk.serverTime) > Date.parse(shown.serverTime);
  if (desk.seq <= shown.seq && !newer) return model;
  const restarted = desk.seq <= shown.seq;
  const gap = restarted || desk.seq > shown.seq + 1;
  return {
    ...model,
    desk,
    serverOffsetMs: offset(restarted ? null : model.serverOffsetMs, desk, atMs),
    needsSnapshot: model.needsSnapshot || gap,
  };
}

/** A message cannot arrive before it was sent, so the greatest difference seen is the truest. */
function offset(known: number | null, desk: Desk, atMs: number): number {
  const seen = Date.parse(desk.serverTime) - atMs;
  return known === null ? seen : Math.max(known, seen);
}

/** The server's time now in epoch milliseconds, or null before the first desk. */
export function serverNow(model: DeskModel, nowMs: number): number | null {
  return model.serverOffsetMs === null ? null : model.serverOffsetMs + nowMs;
}

/** How long after a page held the desk its reload may take it back unasked. */
const RETURN_WITHIN_MS = 30_000;

/**
 * Whether a page may take the desk over without asking: only a reload of the page that held it moments ago, which can meet nothing but
 * its own former socket. A second tab, or this one after a long absence, asks first.
 */
export function mayReturn(navigation: string, heldUntilMs: number | null, nowMs: number): boolean {
  return navigation === 'reload' && heldUntilMs !== null && nowMs - heldUntilMs < RETURN_WITHIN_MS;
}
