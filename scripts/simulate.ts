/** `npm run simulate`: what a policy comes to on a simulated floor. Exits 1 when a goal is missed, 2 when called in a way it does not know. */
import { readFileSync } from 'node:fs';
import { PacingFault } from '../server/pacing/index.ts';
import {
  FAULTS,
  policyNamed,
  publicScenario,
  readScenario,
  SCENARIO_NAMES,
  seedsFor,
  type Scenario,
} from '../server/pacing/simulator/index.ts';
import { misuse, readOptions, report, tell, wholeNumber } from './report.ts';
import { drawFloor, drawGoals } from './simulate/draw.ts';
import { checksOf, figuresOf, sumUp } from './simulate/judge.ts';
import { playDays, type Day } from './simulate/play.ts';

const { values, positionals } = readOptions('simulate', process.argv.slice(2), {
  all: { type: 'boolean' },
  scenario: { type: 'string' },
  policy: { type: 'string', default: 'predictive' },
  seeds: { type: 'string' },
  'first-seed': { type: 'string' },
  hours: { type: 'string' },
  cap: { type: 'string', default: '0.03' },
  fault: { type: 'string' },
  'lead-probabilities': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
});
if (positionals.length > 0) misuse('simulate', `what is '${positionals[0]}'? Name a floor with --scenario`);
if ((values.scenario === undefined) !== (values.all === true))
  misuse('simulate', 'either --scenario NAME or FILE.json, or --all');
const cap = number('cap', values.cap, 0.001, 0.05);
const hours = values.hours === undefined ? null : number('hours', values.hours, 0.1, 24);
const fault = FAULTS.find((each) => each === values.fault) ?? null;
if (values.fault !== undefined && fault === null) misuse('simulate', `--fault is one of ${FAULTS.join(', ')}`);
const first = wholeNumber('simulate', 'first-seed', values['first-seed'], { otherwise: 1, least: 0, most: 1e9 });

const names = values.all ? SCENARIO_NAMES : [values.scenario ?? ''];
const floors = names.map((name) => ({ name: name.replace(/^.*\//, '').replace(/\.json$/, ''), floor: floorNamed(name) }));
const days = floors.map(({ name, floor }) => daysOf(name, floor));
const began = performance.now();
const played = await playDays(days.flat(), (done) => tell(`${done} of ${days.flat().length} days`));
const seconds = (performance.now() - began) / 1_000;

const sums = days.map((ofFloor) => sumUp(ofFloor[0]?.name ?? '', cap, played.splice(0, ofFloor.length)));
const firstDays = days.flatMap((ofFloor) => ofFloor.slice(0, 1));
const checks = sums.flatMap((sum, index) => {
  const day = firstDays[index];
  return day ? checksOf(sum, day) : [];
});
if (!values.json) {
  const drawn = values.all
    ? drawGoals(sums, firstDays)
    : sums.map((sum, index) => (firstDays[index] ? drawFloor(sum, firstDays[index]) : '')).join('\n');
  process.stdout.write(`${drawn}\n`);
}
const events = sums.reduce((total, sum) => total + sum.runs.reduce((count, run) => count + run.events, 0), 0);
const settings = { policy: values.policy, cap, fault, leadProbabilities: values['lead-probabilities'] };
report(
  'simulate',
  checks,
  values.json
    ? {
        ...settings,
        floors: Object.fromEntries(sums.map((sum) => [sum.name, figuresOf(sum)])),
        seconds: Math.round(seconds),
        eventsPerSecond: Math.round(events / seconds),
      }
    : {
        ...settings,
        fault: fault ?? 'none',
        leadProbabilities: String(values['lead-probabilities']),
        seconds: Math.round(seconds),
      },
  { json: values.json },
);

function daysOf(name: string, floor: Scenario): Day[] {
  const seeds = wholeNumber('simulate', 'seeds', values.seeds, { otherwise: seedsFor(floor.agents), least: 1, most: 10_000 });
  return Array.from({ length: seeds }, (_, index) => ({
    name,
    floor,
    policy: values.policy,
    seed: first + index,
    cap,
    fault,
    leadProbabilities: values['lead-probabilities'],
  }));
}

function floorNamed(name: string): Scenario {
  const found = orMisuse(() => publicScenario(name) ?? readScenario(fileAsJson(name)));
  const floor = hours === null ? found : { ...found, hours };
  orMisuse(() => policyNamed(values.policy, floor, { cap, seed: 1 })(() => Infinity));
  return floor;
}

function fileAsJson(path: string): unknown {
  if (!path.endsWith('.json'))
    return misuse('simulate', `no floor '${path}'; there are ${SCENARIO_NAMES.join(', ')}, or a FILE.json`);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    return misuse('simulate', `${path}: ${error instanceof SyntaxError ? 'not JSON' : 'cannot be read'}`);
  }
}

function orMisuse<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof PacingFault) return misuse('simulate', error.message);
    throw error;
  }
}

function number(option: string, text: string, least: number, most: number): number {
  const value = /^[0-9]*\.?[0-9]+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  return misuse('simulate', `--${option} takes a number from ${least} to ${most}, not '${text}'`);
}
