/** What may go wrong between the floor and its pacer, or on the floor itself. */
import type { Ms, PacingEvent } from '../interface.ts';
import type { Chance } from './random.ts';

export const FAULTS = ['lost1', 'delay500', 'freeze30', 'logout', 'p90'] as const;
export type Fault = (typeof FAULTS)[number];

const HOUR_MS = 3_600_000;
/** The event stream stands still for 30 s, every two hours from the first on. */
const FREEZE_EVERY_MS = 2 * HOUR_MS;
const FREEZE_FROM_MS = HOUR_MS;
const FREEZE_MS = 30_000;

/** The way events take to the pacer. */
export interface EventPath {
  send(event: PacingEvent): void;
  /** Hands over what has arrived by now. */
  deliver(now: Ms): void;
  /** Age of the last proof that the stream lives. */
  ageMs(now: Ms): Ms;
}

/** A path with this fault on it; `chance` decides which events are lost. */
export function createEventPath(fault: Fault | undefined, chance: Chance, apply: (event: PacingEvent) => void): EventPath {
  const underWay: { due: Ms; event: PacingEvent }[] = [];
  let first = 0;
  const arrivalOf = (t: Ms): Ms => {
    if (fault === 'delay500') return t + 500;
    return isFrozen(t) ? t + FREEZE_MS - sinceFreeze(t) : t;
  };
  const delays = fault === 'delay500' || fault === 'freeze30';
  const isFrozen = (t: Ms): boolean => fault === 'freeze30' && t >= FREEZE_FROM_MS && sinceFreeze(t) < FREEZE_MS;

  return {
    send(event) {
      if (fault === 'lost1' && chance.uniform() < 0.01) return;
      if (delays) underWay.push({ due: arrivalOf(event.t), event });
      else apply(event);
    },
    deliver(now) {
      for (let next = underWay[first]; next !== undefined && next.due <= now; next = underWay[first]) {
        apply(next.event);
        first += 1;
      }
      if (first < 4_096 && first < underWay.length) return;
      underWay.splice(0, first);
      first = 0;
    },
    ageMs: (now) => (isFrozen(now) ? sinceFreeze(now) : fault === 'delay500' ? 500 : 0),
  };
}

function sinceFreeze(t: Ms): Ms {
  return (t - FREEZE_FROM_MS) % FREEZE_EVERY_MS;
}

/** Of the agents on duty, four in five leave together at the third hour and come back after twenty minutes. */
export const MASS_LOGOUT = { atMs: 3 * HOUR_MS, share: 0.8, awayMs: 1_200_000 } as const;

/** Two minutes in which nearly everybody answers, at the third hour. */
export function answerProbabilityUnder(fault: Fault | undefined, now: Ms, usual: number): number {
  return fault === 'p90' && now >= 3 * HOUR_MS && now < 3 * HOUR_MS + 120_000 ? 0.9 : usual;
}
