import type { Desk } from './floor.ts';

const MINUTES_KEPT = 60;
const MINUTE_MS = 60_000;

/** How much of an hour a campaign's agents spent on calls: talk and wrap-up over talk, wrap-up and waiting in line. */
export interface Utilisation {
  /** Looks at the desks once; `nowMs` is monotonic. What lies between two looks is taken to be as at the second. */
  look(desks: Iterable<Desk>, nowMs: number): void;
  /** The share, 0–1, by campaign; null while nobody was at work. */
  of(campaignId: string): number | null;
}

interface Minute {
  busyMs: number;
  idleMs: number;
}

/** An empty record; it is kept in memory and begins anew with the dialer. */
export function createUtilisation(): Utilisation {
  const byCampaign = new Map<string, Map<number, Minute>>();
  let lastMs: number | null = null;

  function minuteOf(campaignId: string, minute: number): Minute {
    const minutes = byCampaign.get(campaignId) ?? new Map<number, Minute>();
    byCampaign.set(campaignId, minutes);
    const known = minutes.get(minute) ?? { busyMs: 0, idleMs: 0 };
    minutes.set(minute, known);
    for (const each of minutes.keys()) if (each <= minute - MINUTES_KEPT) minutes.delete(each);
    return known;
  }

  return {
    look(desks, nowMs) {
      const sinceMs = lastMs === null ? 0 : nowMs - lastMs;
      lastMs = nowMs;
      const minute = Math.floor(nowMs / MINUTE_MS);
      for (const { work, campaignId } of desks) {
        if (campaignId === null) continue;
        if (work.state === 'talking' || work.state === 'wrap_up') minuteOf(campaignId, minute).busyMs += sinceMs;
        else if (work.state === 'ready' || work.state === 'offered') minuteOf(campaignId, minute).idleMs += sinceMs;
      }
    },
    of(campaignId) {
      let busyMs = 0;
      let idleMs = 0;
      for (const minute of byCampaign.get(campaignId)?.values() ?? []) {
        busyMs += minute.busyMs;
        idleMs += minute.idleMs;
      }
      return busyMs + idleMs === 0 ? null : busyMs / (busyMs + idleMs);
    },
  };
}
