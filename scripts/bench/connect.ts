import { waitUntil } from '../../server/machine/process.ts';
import { TRUNK_NAME } from '../../server/machine/services.ts';
import { trunkEndpoint } from '../../server/telephony/trunk.ts';
import { atMost, percentile, readOptions, report, tell, wholeNumber } from '../report.ts';
import { chance } from '../robots/chance.ts';
import { enrolRobots, startFleet } from '../robots/fleet.ts';
import { openNotes } from '../robots/notes.ts';
import type { Habits } from '../robots/rules.ts';
import { layCampaign, moveCampaign, scratchSettings } from '../scratch/campaign.ts';
import { startScratchFloor, type ScratchFloor } from '../scratch/floor.ts';
import { inventList } from '../scratch/list.ts';
import { countAttempts } from '../smoke/store.ts';
import { cpuOfFamilies, cpuOf } from './connect/cpu.ts';
import { startRival } from './connect/rival.ts';
import { answerToBridge } from './connect/stamps.ts';

/**
 * `npm run bench -- connect`: how long the dialer takes from the answer to the agent's bridge, and what CPU a call costs it, beside a bare
 * ari-client loop on the same switch in the same run: half of the loop's calls before the dialer's, half after.
 */

const COMMAND = 'bench connect';
const AGENTS = 40;
/** Numbers with this ending answer at once, speak for 1.5 s and hang up (dialplans/README.md). */
const ENDING = '97';
const LEAST_SAMPLES = 500;
const P50_LIMIT = 3;
const P99_LIMIT_MS = 60;
const CPU_LIMIT = 3;

/** Records its outcome at once and is ready again. */
const HABITS: Habits = { hangUpShare: 0, talkMs: [0, 0], wrapUpMs: [0, 0], outcomes: [['no_contact', 1]] };

export async function run(argv: readonly string[]): Promise<void> {
  const { values } = readOptions(COMMAND, argv, {
    cps: { type: 'string' },
    seconds: { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  const cps = wholeNumber(COMMAND, 'cps', values.cps, { otherwise: 20, least: 1, most: 100 });
  const seconds = wholeNumber(COMMAND, 'seconds', values.seconds, { otherwise: 30, least: 5, most: 600 });
  tell('starting servers and roles of its own …');
  const floor = await startScratchFloor({ name: 'bench', lines: 100, callsPerSecond: cps });
  try {
    await measure(floor, { cps, seconds, json: values.json });
  } finally {
    await floor.stop();
  }
}

async function measure(floor: ScratchFloor, wanted: { cps: number; seconds: number; json: boolean }): Promise<void> {
  const { url, admin, database, telephone, roles } = floor;
  const calls = Math.max(LEAST_SAMPLES, wanted.cps * wanted.seconds);
  const settings = scratchSettings({ screening: { enabled: false, machine: 'hang_up' } });
  const campaign = await layCampaign(admin, 'Bench connect', settings, inventList([ENDING], calls + 4 * AGENTS, chance(1)));
  const notes = openNotes();
  const accounts = await enrolRobots(admin, AGENTS, [campaign.id]);
  const campaignIds = [campaign.id];
  const fleet = await startFleet({ url, accounts, campaignIds, habits: HABITS, seed: 1, notes, quiet: true });
  const rival = await startRival(telephone, AGENTS, `PJSIP/+2011#${ENDING}@${trunkEndpoint(TRUNK_NAME)}`);
  tell(`${fleet.robots.length} agents at their desks, ${AGENTS} stations for the bare loop`);

  tell('bare loop, first half …');
  const before = await rival.run('bare-before-', Math.ceil(calls / 2), wanted.cps);
  tell('dialer …');
  const cpuBeforeMs = cpuOf(roles.dialer.identity.pid);
  const familiesBefore = cpuOfFamilies();
  const ownBefore = process.cpuUsage();
  const startedMs = performance.now();
  await moveCampaign(admin, campaign.id, 'start');
  await waitUntil(async () => (await countAttempts(database)).ended >= calls, 2_000 * wanted.seconds + 60_000, 100);
  const ranMs = performance.now() - startedMs;
  const cpuMs = cpuOf(roles.dialer.identity.pid) - cpuBeforeMs;
  const families = cpuOfFamilies();
  const own = process.cpuUsage(ownBefore);
  const ended = (await countAttempts(database)).ended;
  await moveCampaign(admin, campaign.id, 'pause');
  await waitUntil(async () => (await countAttempts(database)).open === 0, 30_000, 100);
  tell('bare loop, second half …');
  const after = await rival.run('bare-after-', Math.ceil(calls / 2), wanted.cps);
  await rival.stop();
  await fleet.leave(10_000);

  const waits = [...(await answerToBridge(telephone.recordFile, TRUNK_NAME))];
  const bare = waits.filter(([legId]) => legId.startsWith('bare-')).map(([, { waitMs }]) => waitMs);
  const ours = waits.filter(([legId]) => !legId.startsWith('bare-')).map(([, { waitMs }]) => waitMs);
  const bareP50 = percentile(bare, 0.5);
  const p50 = percentile(ours, 0.5);
  const bareCpu = (before.cpuMs + after.cpuMs) / (before.connected + after.connected);
  const cpu = cpuMs / ended;
  const perCall = (pid: number): number =>
    Math.round(((families.get(pid) ?? 0) - (familiesBefore.get(pid) ?? 0)) / ended / 0.1) / 10;
  const programs = {
    ...roles,
    ...Object.fromEntries(floor.services.running.entries().map(([name, { process }]) => [name, process])),
  };
  report(
    COMMAND,
    [
      atMost('answer_to_bridge_p50_vs_bare', p50 === null || bareP50 === null ? null : p50 / bareP50, P50_LIMIT),
      atMost('answer_to_bridge_p99_ms', percentile(ours, 0.99), P99_LIMIT_MS),
      atMost('node_cpu_per_call_vs_bare', cpu / bareCpu, CPU_LIMIT),
    ],
    {
      samples: ours.length,
      samples_bare: bare.length,
      calls_per_second: Math.round((10_000 * ended) / ranMs) / 10,
      answer_to_bridge_p50_ms: p50,
      answer_to_bridge_p50_ms_bare: bareP50,
      answer_to_bridge_p99_ms_bare: percentile(bare, 0.99),
      node_cpu_ms_per_call: Math.round(cpu * 100) / 100,
      node_cpu_ms_per_call_bare: Math.round(bareCpu * 100) / 100,
      cpu_ms_per_call: {
        ...Object.fromEntries(Object.entries(programs).map(([name, { identity }]) => [name, perCall(identity.pid)])),
        robots: Math.round((own.user + own.system) / 100 / ended) / 10,
      },
      robots_refused: notes.refusals(),
    },
    { json: wanted.json },
  );
}
