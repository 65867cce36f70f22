/** VICIdial's adaptive modes at their defaults, as behaviour to compare with. */
import type { Ms } from '../interface.ts';
import { createCounts } from './policies.ts';
import type { Policy } from './run.ts';

export const VICIDIAL_MODES = ['hard_limit', 'average', 'tapered'] as const;
export type VicidialMode = (typeof VICIDIAL_MODES)[number];

const DEFAULTS = { intensity: 0, targetDifference: 0, greatestLevel: 3 } as const;
const SAMPLES = 15;

/** The adaptive dial level, one controller pass a second, dialing every 2.5 s. `closesAt` shapes the tapered mode. */
export function vicidialPolicy(mode: VicidialMode, options: { cap: number; closesAt: Ms }): Policy {
  const counts = createCounts();
  const samples: { ready: number; waiting: number; all: number }[] = [];
  const recent: { at: Ms; dropped: boolean }[] = [];
  const today = { calls: 0, dropped: 0 };
  const known = { rate: 0, calls: 0, lastMinute: 0, lastMinuteDropped: 0 };
  let level = 1;
  const due = { pass: 0, adapt: 15_000, count: 60_000, dial: 0 };

  function recount(now: Ms): void {
    while (recent[0] !== undefined && recent[0].at <= now - 60_000) recent.shift();
    known.calls = today.calls;
    known.rate = today.calls === 0 ? 0 : today.dropped / today.calls;
    known.lastMinute = recent.length;
    known.lastMinuteDropped = recent.filter((call) => call.dropped).length;
  }

  function adapt(now: Ms): void {
    const mean = (of: (sample: (typeof samples)[number]) => number): number =>
      samples.reduce((sum, sample) => sum + of(sample), 0) / Math.max(1, samples.length);
    const agents = mean((sample) => sample.all);
    if (agents === 0) return;
    const wanted = mean((sample) => sample.ready) - mean((sample) => sample.waiting) + DEFAULTS.targetDifference;
    const part = (100 * wanted) / agents;
    const gain = DEFAULTS.intensity / 100;
    level = round3(level * (1 + (part < 0 ? part * Math.abs(gain - 1) : part * (gain + 1)) / 100));
    level = Math.max(1, Math.min(level, DEFAULTS.greatestLevel));
    if (known.lastMinute > 20 && known.lastMinuteDropped > known.lastMinute / 2) level /= 2;
    if (known.calls > 50 && known.rate > options.cap) level = limited(now);
    level = Math.max(1, level);
  }

  function limited(now: Ms): number {
    if (mode === 'hard_limit') return 1;
    if (mode === 'average') return level / 2;
    const left = clock(options.closesAt) - clock(now);
    return left < 0 ? 1 : level * Math.min(1, left / 1_000);
  }

  return {
    apply(event) {
      counts.apply(event);
      if (event.type !== 'call.connected' && event.type !== 'call.abandoned') return;
      const dropped = event.type === 'call.abandoned';
      recent.push({ at: event.t, dropped });
      today.calls += 1;
      if (dropped) today.dropped += 1;
    },
    tick(now) {
      if (now >= due.pass) {
        due.pass = now + 1_000;
        samples.push({
          ready: counts.idle,
          waiting: counts.waiting,
          all: counts.idle + counts.talking + counts.wrapping + counts.away,
        });
        if (samples.length > SAMPLES) samples.shift();
      }
      if (now >= due.count) {
        due.count = now + 60_000;
        recount(now);
      }
      if (now >= due.adapt) {
        due.adapt = now + 15_000;
        adapt(now);
      }
      if (now < due.dial) return { dial: 0 };
      due.dial = now + 2_500;
      const goal = Math.round(level * (counts.idle + counts.talking));
      return { dial: Math.max(0, goal - counts.unanswered - counts.waiting - counts.talking) };
    },
  };
}

/** Hours and minutes as one number (half past two = 230), which the tapered mode subtracts as if they were decimal. */
function clock(now: Ms): number {
  const minutes = Math.floor(now / 60_000);
  return 100 * Math.floor(minutes / 60) + (minutes % 60);
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
