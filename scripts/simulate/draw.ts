/** Tables and a small chart of simulated days for a terminal. */
import type { RunFigures } from '../../server/pacing/simulator/index.ts';
import { eventsPerSecond, goalFor, meanOfRuns, type Sum } from './judge.ts';
import type { Day } from './play.ts';

const BARS = ' ▁▂▃▄▅▆▇█';
const SLOT_MINUTES = 10;

/** The columns of a floor's table. */
const COLUMNS: readonly { head: string; digits: number; of: (run: RunFigures) => number }[] = [
  { head: 'util %', digits: 2, of: (run) => 100 * run.utilisation },
  { head: 'aband %', digits: 2, of: (run) => 100 * run.abandonment },
  { head: 'worst h %', digits: 2, of: (run) => 100 * run.worstHour },
  { head: 'idle h', digits: 1, of: (run) => run.idleS / 3_600 },
  { head: 'dials/conn', digits: 2, of: (run) => run.dialsPerConnect },
  { head: 'delay p99 ms', digits: 0, of: (run) => run.connectDelayP99Ms },
  { head: 'tick p99 ms', digits: 3, of: (run) => run.tickP99Ms },
  { head: 'events/s', digits: 0, of: eventsPerSecond },
];

/** One line per seed, their mean with the error of its shares, and the course of the first seed's day. */
export function drawFloor(sum: Sum, day: Day): string {
  const { utilisation, abandonment } = sum;
  const [first] = sum.runs;
  return [
    `${sum.name}, ${day.policy}, cap ${100 * day.cap} %${day.fault === null ? '' : `, ${day.fault}`}`,
    row(['seed', ...COLUMNS.map(({ head }) => head)]),
    ...sum.runs.map((run) => row([String(run.seed), ...COLUMNS.map(({ of, digits }) => of(run).toFixed(digits))])),
    row(['mean', ...COLUMNS.map(({ of, digits }) => meanOfRuns(sum, of).toFixed(digits))]),
    row(['± error', utilisation.standardError.toFixed(2), abandonment.standardError.toFixed(2)]),
    ...(first ? chart(first, day) : []),
    '',
  ].join('\n');
}

/** The goal table with what was reached beside each goal. */
export function drawGoals(sums: readonly Sum[], days: readonly Day[]): string {
  const head = row(['floor', 'must', 'aim', 'reached', '± error', 'worst seed', 'worst h', 'allowed', '']);
  const rows = sums.map((sum, index) => {
    const day = days[index];
    const goal = day && goalFor(sum.name, day);
    const reached = sum.utilisation.mean;
    const aim = goal?.aim ?? null;
    const verdict = !goal ? '' : reached < goal.must ? 'BELOW' : aim !== null && reached >= aim ? 'aim' : 'must';
    return row([
      sum.name,
      goal ? goal.must.toFixed(1) : '—',
      aim === null ? '—' : aim.toFixed(1),
      reached.toFixed(2),
      sum.utilisation.standardError.toFixed(2),
      sum.abandonWorstSeed.toFixed(2),
      sum.worstHour.toFixed(2),
      goal?.worstHour ? goal.worstHour.toFixed(1) : '—',
      verdict,
    ]);
  });
  const mean = sums.reduce((total, sum) => total + sum.utilisation.mean, 0) / Math.max(1, sums.length);
  return [head, ...rows, `mean utilisation ${mean.toFixed(2)} %`, ''].join('\n');
}

/** Utilisation and abandonment of one day in slots of ten minutes. */
function chart(run: RunFigures, day: Day): string[] {
  const slots = Math.floor((day.floor.hours * 60) / SLOT_MINUTES);
  const share = (part: Uint32Array, whole: Uint32Array, slot: number): number => {
    const sum = (of: Uint32Array): number =>
      of.subarray(slot * SLOT_MINUTES, (slot + 1) * SLOT_MINUTES).reduce((total, value) => total + value, 0);
    const all = sum(part) + sum(whole);
    return all === 0 ? 0 : sum(part) / all;
  };
  const { working, idle, persons, abandoned } = run.minutes;
  const connected = persons.map((count, minute) => count - (abandoned[minute] ?? 0));
  const bar = (value: number): string => BARS[Math.min(8, Math.max(0, Math.round(8 * value)))] ?? ' ';
  const line = (of: (slot: number) => number): string => Array.from({ length: slots }, (_, slot) => bar(of(slot))).join('');
  return [
    `  utilisation 50–100 %    ${line((slot) => (share(working, idle, slot) - 0.5) * 2)}`,
    `  abandonment 0–${(300 * day.cap).toFixed(0)} %      ${line((slot) => share(abandoned, connected, slot) / (3 * day.cap))}`,
  ];
}

function row(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(12)).join(' ');
}
