/** What is to happen, earliest first: a binary heap of (time, what, whom) on flat arrays. */
export interface Agenda {
  readonly size: number;
  /** Time of the earliest entry; Infinity when there is none. */
  nextAt(): number;
  add(at: number, what: number, whom: number): void;
  /** Takes the earliest entry off; its parts are in `what` and `whom`. */
  take(): void;
  what: number;
  whom: number;
}

/** An empty agenda. `what` is below 16. */
export function createAgenda(): Agenda {
  let room = 1_024;
  let times = new Float64Array(room);
  let loads = new Float64Array(room);
  let size = 0;

  function grow(): void {
    room *= 2;
    const [oldTimes, oldLoads] = [times, loads];
    times = new Float64Array(room);
    loads = new Float64Array(room);
    times.set(oldTimes);
    loads.set(oldLoads);
  }

  return {
    what: 0,
    whom: 0,
    get size() {
      return size;
    },
    nextAt: () => (size === 0 ? Infinity : (times[0] ?? Infinity)),
    add(at, what, whom) {
      if (size === room) grow();
      let place = size;
      size += 1;
      while (place > 0) {
        const above = (place - 1) >> 1;
        const aboveAt = times[above] ?? 0;
        if (aboveAt <= at) break;
        times[place] = aboveAt;
        loads[place] = loads[above] ?? 0;
        place = above;
      }
      times[place] = at;
      loads[place] = whom * 16 + what;
    },
    take() {
      const load = loads[0] ?? 0;
      this.what = load % 16;
      this.whom = Math.floor(load / 16);
      size -= 1;
      if (size === 0) return;
      const at = times[size] ?? 0;
      const moved = loads[size] ?? 0;
      let place = 0;
      for (;;) {
        let below = 2 * place + 1;
        if (below >= size) break;
        let belowAt = times[below] ?? 0;
        if (below + 1 < size && (times[below + 1] ?? 0) < belowAt) {
          below += 1;
          belowAt = times[below] ?? 0;
        }
        if (belowAt >= at) break;
        times[place] = belowAt;
        loads[place] = loads[below] ?? 0;
        place = below;
      }
      times[place] = at;
      loads[place] = moved;
    },
  };
}
