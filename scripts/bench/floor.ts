import { pacingConfigOf } from '../../server/campaigns/pacing.ts';
import { answerRuleOf } from '../../server/compliance/ledger/rules.ts';
import { DEFAULT_CAMPAIGN_SETTINGS, type CampaignSettings } from '../../server/contract/campaigns.ts';
import { readSeenFloor } from '../../server/insight/seen-floor.ts';
import { waitUntil } from '../../server/machine/process.ts';
import { createPacer, type PacingConfig } from '../../server/pacing/index.ts';
import { fitScenario, meanOf, runFloor, type Scenario } from '../../server/pacing/simulator/index.ts';
import { readRecord } from '../../server/telephony/asterisk/record.ts';
import { atLeast, atMost, readOptions, report, tell, wholeNumber } from '../report.ts';
import { chance } from '../robots/chance.ts';
import { enrolRobots, startFleet } from '../robots/fleet.ts';
import { openNotes } from '../robots/notes.ts';
import { DEMO_HABITS } from '../robots/rules.ts';
import { layCampaign, moveCampaign, scratchSettings } from '../scratch/campaign.ts';
import { startScratchFloor, type ScratchFloor } from '../scratch/floor.ts';
import { inventList } from '../scratch/list.ts';
import { countAttempts } from '../smoke/store.ts';
import { countByRecord } from '../ledger/record.ts';
import { readDialed } from '../ledger/store.ts';
import { recordFolder } from '../../server/dialer/pacing-record.ts';
import { partsOf, replayFiles } from '../replay/read.ts';
import { asCorrected, byCause, differing, rateOf, readLedger } from './floor/ledger.ts';
import { readSpentTime } from './floor/spells.ts';

/**
 * `npm run bench -- floor --minutes 60`: robots on a real switch with predictive pacing, beside the simulator fitted to what was seen of that
 * floor; the ledger beside what the switch itself recorded; and the pacer's decisions beside those of its record's replay.
 */

const COMMAND = 'bench floor';
const AGENTS = 20;
const LINES = 120;
const CALLS_PER_SECOND = 8;
const LEAST_ANSWERED = 300;
const POINTS_LIMIT = 5;
const SIMULATED_DAYS = 8;
/** The pacer is asked five times a second; a busy machine asks it later. */
const LEAST_DECISIONS_PER_MINUTE = 150;
/** More than the agents can serve in a minute. */
const DEBTORS_PER_MINUTE = 480;
const DRAIN_LIMIT_MS = 60_000;

/**
 * Last digits of the debtors' numbers (dialplans/README.md), a good quarter of them people, of whom one hangs up at once; machines; two who say
 * nothing at first, as one machine in six does: detection leaves them undecided, and half a second is all they still wait; unanswered, busy, dead
 * and declined numbers.
 */
const MACHINES = ['60', '61', '62', '63', '64', '65', '66', '67', '68', '69'];
const ENDINGS = [
  '00 07 14 21 28 33 35 42 49 11 24 38 50',
  '56 58',
  MACHINES.join(' '),
  '70 71 72 73 74 75 76 77 78 79 70 73 70 71 72 73 74 75 76 77',
  '80 83 85 88 90 92',
].flatMap((endings) => endings.split(' '));

export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, {
    minutes: { type: 'string' },
    robots: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const minutes = wholeNumber(COMMAND, 'minutes', values.minutes, { otherwise: 60, least: 1, most: 200 });
  const robots = wholeNumber(COMMAND, 'robots', values.robots, { otherwise: AGENTS, least: 2, most: 60 });
  const seed = wholeNumber(COMMAND, 'seed', values.seed, { otherwise: 1, least: 0, most: 1_000_000 });
  tell('starting servers and roles of its own …');
  const floor = await startScratchFloor({ name: 'floor', lines: LINES, callsPerSecond: CALLS_PER_SECOND });
  try {
    await measure(floor, { minutes, robots, seed, json: values.json });
  } finally {
    await floor.stop();
  }
}

interface Wanted {
  minutes: number;
  robots: number;
  seed: number;
  json: boolean;
}

async function measure(floor: ScratchFloor, { minutes, robots, seed, json }: Wanted): Promise<void> {
  const { url, admin, database, telephone } = floor;
  const settings = scratchSettings({
    screening: { enabled: true, machine: 'hang_up' },
    ringTimeoutMs: 20_000,
    pacing: { ...DEFAULT_CAMPAIGN_SETTINGS.pacing, mode: 'predictive', maxLinesPerAgent: 8 },
  });
  const random = chance(seed);
  const list = inventList(shuffled(ENDINGS, random), DEBTORS_PER_MINUTE * minutes + 400, random);
  const campaign = await layCampaign(admin, 'Bench floor', settings, list);
  const notes = openNotes();
  const accounts = await enrolRobots(admin, robots, [campaign.id]);
  const isMachine = (number: string): boolean => MACHINES.includes(number.slice(-2));
  const habits = { ...DEMO_HABITS, outcomes: [['no_contact', 1]] as const, isMachine };
  const fleet = await startFleet({ url, accounts, campaignIds: [campaign.id], habits, seed, notes, quiet: true });
  tell(`${fleet.robots.length} robots at their desks; ${minutes} minutes …`);

  const from = Temporal.Now.instant();
  await moveCampaign(admin, campaign.id, 'start');
  for (let minute = 1; minute <= minutes; minute += 1) {
    const until = from.add({ minutes: minute });
    await waitUntil(async () => Temporal.Instant.compare(Temporal.Now.instant(), until) >= 0, 70_000, 250);
    const spent = await readSpentTime(database, from, until);
    tell(`minute ${minute}: ${percent(utilisationOf(spent)).toFixed(1)} % at work`);
  }
  const to = Temporal.Now.instant();
  await moveCampaign(admin, campaign.id, 'pause');
  await waitUntil(async () => (await countAttempts(database)).open === 0, DRAIN_LIMIT_MS, 250);
  await fleet.leave(DRAIN_LIMIT_MS);

  const spent = await readSpentTime(database, from, to);
  const live = percent(utilisationOf(spent));
  const seen = await readSeenFloor(database, campaign.id, from);
  const like = fitScenario(seen, {
    agents: fleet.robots.length,
    hours: minutes / 60,
    amd: settings.screening.enabled,
    connectWithinS: settings.connectWithinMs / 1_000,
    ringTimeoutS: settings.ringTimeoutMs / 1_000,
    trunks: LINES,
    dialsPerSecond: CALLS_PER_SECOND,
    breaks: false,
    logInSpreadS: 0,
  });
  const simulated = simulate(like, settings);
  const rule = answerRuleOf(settings, []);
  const ledger = await readLedger(database, campaign.id, rule);
  const legal = asCorrected(ledger);
  const dialed = await readDialed(database, { campaignId: campaign.id, since: from, until: Temporal.Now.instant() });
  const record = countByRecord(await readRecord(telephone.recordFile, 0), dialed, () => rule);
  const different = differing(ledger, record);
  const files = partsOf(recordFolder(floor.dataFolder, campaign.id), 0, Infinity);
  const replayed = replayFiles(files, 0, Infinity);
  const answered = [...ledger.values()].filter((count) => count.answered).length;
  report(
    COMMAND,
    [
      atMost('utilisation_vs_simulated', Math.abs(live - simulated.utilisation), POINTS_LIMIT),
      atMost('abandon_rate', rateOf(legal), settings.pacing.abandonCap),
      atMost('ledger_vs_cel_difference', different.length, 0),
      atMost('replay_differences', replayed.difference === null ? 0 : 1, 0),
      atLeast('replay_decisions', replayed.decisions, LEAST_DECISIONS_PER_MINUTE * minutes),
      atLeast('answered', answered, LEAST_ANSWERED),
    ],
    {
      minutes,
      robots: fleet.robots.length,
      utilisation: Math.round(10 * live) / 10,
      utilisation_simulated: Math.round(10 * simulated.utilisation) / 10,
      utilisation_simulated_from_to: [Math.round(10 * simulated.least) / 10, Math.round(10 * simulated.most) / 10],
      abandonment_simulated: Math.round(1_000 * simulated.abandonment) / 1_000,
      abandon_rate_uncorrected: Math.round(10_000 * rateOf(ledger)) / 10_000,
      abandon_rate_by_the_record: Math.round(10_000 * rateOf(record)) / 10_000,
      undecided_share: Math.round(1_000 * like.undecidedShare) / 1_000,
      undecided_wait_s: Math.round(1_000 * like.undecidedWaitS) / 1_000,
      causes: byCause(ledger),
      different: different
        .slice(0, 10)
        .map((id) => ({ id, ledger: ledger.get(id)?.cause ?? null, record: record.get(id) ?? null })),
      dials: seen.calls.length,
      replay_events: replayed.events,
      replay_parts: replayed.parts,
      ...(replayed.difference === null ? {} : { replay_difference: replayed.difference }),
      robots_refused: notes.refusals(),
    },
    { json },
  );
}

/** What the pacer comes to on the simulated floor, on several days; in percent. */
function simulate(like: Scenario, settings: CampaignSettings) {
  const config: PacingConfig = pacingConfigOf(settings, answerRuleOf(settings, []));
  const days = Array.from({ length: SIMULATED_DAYS }, (_, day) =>
    runFloor(like, () => createPacer(config, { seed: day + 1 }), { seed: day + 1 }),
  );
  const utilisations = days.map((day) => percent(day.utilisation));
  return {
    utilisation: meanOf(utilisations).mean,
    least: Math.min(...utilisations),
    most: Math.max(...utilisations),
    abandonment: meanOf(days.map((day) => percent(day.abandonment))).mean,
  };
}

function utilisationOf({ working, idle }: { working: number; idle: number }): number {
  return working + idle === 0 ? 0 : working / (working + idle);
}

function percent(share: number): number {
  return 100 * share;
}

function shuffled(values: readonly string[], random: () => number): string[] {
  return values
    .map((value) => ({ value, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ value }) => value);
}
