/** What is expected of the next 30 s, whatever the mode: for people to see, no decision rests on it and nothing is changed by it. */
import type { Chances } from './chances.ts';
import { createForecast, foresee } from './forecast.ts';
import type { FloorState } from './floor.ts';
import type { Ms } from './interface.ts';
import { chancesNow } from './memory.ts';

/** How long tables of its own are good enough. */
const KEPT_MS = 10_000;

/** How many people will want an agent within 30 s, and how many agents will have been free for one. */
export interface Outlook {
  answers: number;
  agents: number;
}

/** A look at a floor that is taken anew each time; its tables are those of predictive pacing, or its own for a while. */
export function createOutlook(floor: FloorState): () => Outlook {
  const forecast = createForecast();
  let own: { chances: Chances; at: Ms } | null = null;

  function chances(): Chances {
    const { memory, now } = floor;
    if (memory.refreshedAt !== null && now - memory.refreshedAt < KEPT_MS) return memory.chances;
    if (own === null || now - own.at >= KEPT_MS) own = { chances: chancesNow(floor), at: now };
    return own.chances;
  }

  return () => {
    foresee(forecast, floor, chances());
    return { answers: Math.max(0, forecast.calls), agents: Math.max(0, forecast.agents) };
  };
}
