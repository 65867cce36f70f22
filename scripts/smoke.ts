import { readRecord } from '../server/telephony/asterisk/record.ts';
import { waitUntil } from '../server/machine/process.ts';
import { TRUNK_NAME } from '../server/machine/services.ts';
import { atLeast, atMost, percentile, readOptions, report, tell, wholeNumber } from './report.ts';
import { chance } from './robots/chance.ts';
import { enrolRobots, startFleet } from './robots/fleet.ts';
import { openNotes } from './robots/notes.ts';
import { DEMO_HABITS, type Habits } from './robots/rules.ts';
import { layCampaign, moveCampaign, scratchSettings } from './scratch/campaign.ts';
import { startScratchFloor, type ScratchFloor } from './scratch/floor.ts';
import { inventList } from './scratch/list.ts';
import { abandonRate, answerToBridgeMs, readCalls } from './smoke/record.ts';
import { countAttempts, readAbandonRate, readAttempts, readOutcomes } from './smoke/store.ts';
import { judge } from './smoke/verdict.ts';

/** `npm run smoke`: whole calls on servers and data of their own, counted by the switch and the robots, held against the database. */

const COMMAND = 'smoke';
const LEAST_CONNECTED_SHARE = 8 / 60;
const ANSWER_TO_BRIDGE_LIMIT_MS = 60;
const ROBOTS = 12;
/** Slower machines than ours may take their time; what counts is measured by the switch's stamps. */
const WITHIN_MS_PER_ATTEMPT = 2_000;
const DRAIN_LIMIT_MS = 40_000;

/**
 * Last digits of the debtors' numbers (dialplans/README.md): people who soon answer and do not talk for long, one who says nothing at first,
 * one who hangs up at once; machines, busy, dead, declined and unanswered numbers, a carrier without a free line.
 */
const ENDINGS = [
  '00',
  '35',
  '80',
  '21',
  '85',
  '15',
  '60',
  '91',
  '07',
  '50',
  '70',
  '42',
  '81',
  '30',
  '56',
  '93',
  '01',
  '86',
  '00',
  '99',
];

const HABITS: Habits = { ...DEMO_HABITS, hangUpShare: 0.6, talkMs: [1_000, 4_500], wrapUpMs: [100, 500] };

const { values } = readOptions(COMMAND, process.argv.slice(2), {
  attempts: { type: 'string' },
  seed: { type: 'string' },
  json: { type: 'boolean', default: false },
});
const wanted = wholeNumber(COMMAND, 'attempts', values.attempts, { otherwise: 60, least: 1, most: 5_000 });
const seed = wholeNumber(COMMAND, 'seed', values.seed, { otherwise: 1, least: 0, most: 1_000_000 });

const beganMs = performance.now();
tell('starting servers and roles of its own …');
const floor = await startScratchFloor({ name: 'smoke', lines: 40, callsPerSecond: 25 });
try {
  await smoke(floor);
} finally {
  await floor.stop();
}

async function smoke({ url, admin, database, telephone }: ScratchFloor): Promise<void> {
  const random = chance(seed);
  const quick = { ringTimeoutMs: 5_000, minRingMs: 5_000, wrapUpLimitMs: 10_000 };
  const list = (share: number, area: number): string => inventList(ENDINGS, Math.ceil(wanted * share) + 2 * ROBOTS, random, area);
  const plain = await layCampaign(
    admin,
    'Smoke, screening off',
    scratchSettings({ ...quick, screening: { enabled: false, machine: 'hang_up' } }),
    list(1, 0),
  );
  const screened = await layCampaign(
    admin,
    'Smoke, screening on',
    scratchSettings({ ...quick, screening: { enabled: true, machine: 'hang_up' } }),
    list(0.5, 1),
  );
  const campaignIds = [plain.id, screened.id];
  const notes = openNotes();
  const accounts = await enrolRobots(admin, ROBOTS, campaignIds);
  const fleet = await startFleet({
    url,
    accounts,
    // A third of the robots serve the screened campaign.
    campaignIds: [plain.id, screened.id, plain.id],
    habits: HABITS,
    seed,
    notes,
    atOnce: ROBOTS,
  });
  const setUpMs = performance.now() - beganMs;
  tell(`set up in ${(setUpMs / 1_000).toFixed(1)} s; ${fleet.robots.length} robots at work, ${wanted} attempts wanted …`);

  const startedMs = performance.now();
  for (const id of campaignIds) await moveCampaign(admin, id, 'start');
  await waitUntil(async () => (await countAttempts(database)).ended >= wanted, wanted * WITHIN_MS_PER_ATTEMPT, 100);
  const ranMs = performance.now() - startedMs;
  for (const id of campaignIds) await moveCampaign(admin, id, 'pause');
  const drained = await waitUntil(
    async () => (await countAttempts(database)).open === 0 && fleet.robots.every((robot) => robot.desk()?.state === 'ready'),
    DRAIN_LIMIT_MS,
    100,
  );
  await fleet.leave(DRAIN_LIMIT_MS);
  await waitUntil(
    async () =>
      readCalls(await readRecord(telephone.recordFile, 0), TRUNK_NAME)
        .legs.values()
        .every((leg) => leg.ended),
    5_000,
    100,
  );

  const calls = readCalls(await readRecord(telephone.recordFile, 0), TRUNK_NAME);
  const talks = notes.talks();
  const verdict = judge(calls, talks, await readAttempts(database), await readOutcomes(database));
  const waits = answerToBridgeMs(calls.legs.values());
  const rate = Math.max(abandonRate(calls.legs.values()) ?? 0, await readAbandonRate(database));
  report(
    COMMAND,
    [
      atLeast('attempts', verdict.ended, wanted),
      atLeast('connected', verdict.connected, Math.ceil(wanted * LEAST_CONNECTED_SHARE)),
      atMost('duplicates', verdict.duplicates.length, 0),
      atMost('attempts_without_end', verdict.withoutEnd.length, 0),
      atMost('outcomes_lost', verdict.outcomesLost.length, 0),
      atMost('abandon_rate', rate, 0),
      atMost('answer_to_bridge_p99_ms', percentile(waits, 0.99), ANSWER_TO_BRIDGE_LIMIT_MS),
    ],
    {
      set_up_s: Math.round(setUpMs / 100) / 10,
      ran_s: Math.round(ranMs / 100) / 10,
      after_set_up_s: Math.round((performance.now() - startedMs) / 100) / 10,
      answer_to_bridge_p50_ms: percentile(waits, 0.5),
      answer_to_bridge_longest_ms: waits.toSorted((a, b) => b - a).slice(0, 5),
      legs_at_the_switch: calls.legs.size,
      given_up_before_sending: verdict.givenUp,
      legs_screened: calls.legs
        .values()
        .filter((leg) => leg.screened !== null)
        .toArray().length,
      talks: talks.length,
      debtors_heard: talks.filter((talk) => talk.heardAfterMs !== null).length,
      outcomes_acknowledged: talks.filter((talk) => talk.saved !== null).length,
      robots_refused: notes.refusals(),
      drained,
      duplicates: verdict.duplicates,
      without_end: verdict.withoutEnd,
      outcomes_lost: verdict.outcomesLost,
      disagreements: verdict.disagreements,
    },
    { json: values.json },
  );
}
