import type { FloorEvent } from '../contract/floor.ts';

/** How long news for the consoles may wait for more to go with it: two frames of a screen. */
const GATHER_MS = 33;

/**
 * Sends news to the web processes, several in one write: each write costs the dialer more than what is in it. Of a desk only the
 * newest state goes out. `now` sends at once, with all that waits, in order.
 */
export interface Teller {
  tell: (event: FloorEvent, when?: 'now' | 'soon') => void;
  /** Sends what waits. */
  stop: () => void;
}

/** A teller that sends through `send`; whoever makes it stops it. */
export function createTeller(send: (event: FloorEvent) => void): Teller {
  let waiting: FloorEvent[] = [];
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const events = waiting;
    waiting = [];
    const newest = new Map(events.flatMap((event) => (event.type === 'desk' ? [[event.desk.agentId, event] as const] : [])));
    for (const event of events) if (event.type !== 'desk' || newest.get(event.desk.agentId) === event) send(event);
  }

  return {
    tell(event, when = 'soon') {
      waiting.push(event);
      if (when === 'now') flush();
      else timer ??= setTimeout(flush, GATHER_MS);
    },
    stop: flush,
  };
}
