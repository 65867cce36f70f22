import { Worker } from 'node:worker_threads';
import { pacingConfigOf, ruleOf } from '../campaigns/pacing.ts';
import { readAgents, readCampaign } from '../campaigns/store.ts';
import { readTrunk } from '../campaigns/trunks/store.ts';
import { endTrial, noteTrial, takeTrial } from '../campaigns/trials.ts';
import { DEFAULT_CAMPAIGN_SETTINGS } from '../contract/campaigns.ts';
import { breaksCap, type PacedSettings, type TrialFloor, type TrialOutcome } from '../contract/pacing-trial.ts';
import { currentCatalogue } from '../compliance/store.ts';
import { readSeenFloor } from '../insight/seen-floor.ts';
import type { Database } from '../kernel/database.ts';
import type { PacingConfig } from '../pacing/index.ts';
import {
  fitScenario,
  meanOf,
  nearestScenario,
  publicScenarios,
  type RunFigures,
  type Scenario,
} from '../pacing/simulator/index.ts';
import type { TrialDay, TrialNews } from './trial-thread.ts';

/** A campaign's own floor is taken from what it did in these days, if people answered so often. */
const LOOK_BACK = { hours: 7 * 24 };
const LEAST_ANSWERED = 200;
/** Days that are played with either settings, and how long each is. */
const DAYS = 3;
const HOURS = 4;
const LOOK_MS = 500;

/**
 * Plays a trial: present and proposed settings on the same floor and the same days, in a thread of its own. Ends early when it is
 * cancelled; throws when the worker stops, and is then played anew.
 */
export async function playTrial(database: Database, trialId: string, signal: AbortSignal): Promise<void> {
  const trial = await takeTrial(database, trialId);
  if (trial === null) return;
  const { campaignId, present, proposed } = trial;
  const trunk = await readTrunk(database, proposed.trunk);
  const campaign =
    campaignId === null
      ? { id: null, demo: trunk?.kind === 'demo', creditorId: null, settings: DEFAULT_CAMPAIGN_SETTINGS }
      : await readCampaign(database, campaignId);
  if (campaign === null) return;
  const { catalogue } = await currentCatalogue(database);
  const { like, floor } = await floorOf(database, campaignId, { settings: present, trunk });
  const configOf = (paced: PacedSettings): PacingConfig => {
    const settings = { ...campaign.settings, ...paced };
    return { ...pacingConfigOf(settings, ruleOf({ ...campaign, settings }, catalogue)), closesAt: HOURS * 3_600_000 };
  };
  const daysOf = (paced: PacedSettings): TrialDay[] =>
    Array.from({ length: DAYS }, (_, day) => ({
      floor: floorUnder(like, paced, configOf(paced).connectWithinMs),
      config: configOf(paced),
      seed: day + 1,
    }));
  const runs = await play([...daysOf(present), ...daysOf(proposed)], {
    signal,
    goOn: (played) => noteTrial(database, trialId, played),
  });
  if (runs === null) return;
  const [now, then] = [
    outcomeOf(runs.slice(0, DAYS), configOf(present).cap),
    outcomeOf(runs.slice(DAYS), configOf(proposed).cap),
  ];
  await endTrial(database, trialId, { floor, present: now, proposed: then, breaksCap: breaksCap(then) });
}

/** The floor like the campaign's own of late, or else the public one most like what is known of it. */
async function floorOf(
  database: Database,
  campaignId: string | null,
  { settings, trunk }: { settings: PacedSettings; trunk: { channelLimit: number; callsPerSecond: number } | null },
): Promise<{ like: Scenario; floor: TrialFloor }> {
  const seen =
    campaignId === null
      ? { calls: [], agents: 0, talkMs: [], wrapMs: [] }
      : await readSeenFloor(database, campaignId, Temporal.Now.instant().subtract(LOOK_BACK));
  const persons = seen.calls.filter((call) => call.outcome === 'person').length;
  const days = { days: DAYS, hours: HOURS };
  if (persons >= LEAST_ANSWERED && seen.agents > 0) {
    const like = fitScenario(seen, {
      agents: seen.agents,
      amd: settings.screening.enabled,
      ...(trunk ? { trunks: trunk.channelLimit, dialsPerSecond: trunk.callsPerSecond } : {}),
    });
    const own = { kind: 'own', name: null, agents: seen.agents, calls: seen.calls.length } as const;
    return { like, floor: { ...own, answerProbability: persons / seen.calls.length, ...days } };
  }
  const agents = Math.max(seen.agents, campaignId === null ? 0 : (await readAgents(database, campaignId)).length);
  const scenarios = publicScenarios();
  const answerProbability = seen.calls.length >= LEAST_ANSWERED ? persons / seen.calls.length : null;
  const name = nearestScenario(scenarios, { agents, answerProbability, amd: settings.screening.enabled });
  const like = scenarios[name];
  const chances =
    typeof like.answerProbability === 'number' ? [like.answerProbability] : like.answerProbability.map((step) => step.value);
  const known = { kind: 'public', name, agents: like.agents, calls: seen.calls.length } as const;
  return { like, floor: { ...known, answerProbability: meanOf(chances).mean, ...days } };
}

/** The floor as these settings make it. */
function floorUnder(like: Scenario, settings: PacedSettings, connectWithinMs: number): Scenario {
  const connectWithinS = connectWithinMs / 1_000;
  return {
    ...like,
    hours: HOURS,
    amd: settings.screening.enabled,
    connectWithinS,
    greetingEndsBeforeVerdictS: Math.min(like.greetingEndsBeforeVerdictS, connectWithinS),
    ringTimeoutS: settings.ringTimeoutMs / 1_000,
  };
}

function outcomeOf(runs: readonly RunFigures[], cap: number): TrialOutcome {
  const sum = (of: (run: RunFigures) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const persons = sum((run) => run.persons);
  return {
    utilisation: meanOf(runs.map((run) => run.utilisation)).mean,
    abandonment: persons === 0 ? 0 : sum((run) => run.abandoned) / persons,
    worstDay: Math.max(...runs.map((run) => run.abandonment)),
    worstHour: Math.max(...runs.map((run) => run.worstHour)),
    dialsPerConversation:
      sum((run) => run.dials) /
      Math.max(
        1,
        sum((run) => run.connects),
      ),
    cap,
  };
}

/** Plays days in a thread; null once `goOn` says that it was cancelled. Throws when `signal` is aborted or the thread fails. */
async function play(
  days: readonly TrialDay[],
  { signal, goOn }: { signal: AbortSignal; goOn: (played: number) => Promise<boolean> },
): Promise<RunFigures[] | null> {
  const thread = new Worker(new URL('trial-thread.ts', import.meta.url), { workerData: days });
  const ended = Promise.withResolvers<RunFigures[] | null>();
  const stop = (): void => ended.reject(new Error('the worker stops'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let played = 0;
  thread.on('message', (news: TrialNews) => {
    if ('runs' in news) ended.resolve(news.runs);
    else played = news.played;
  });
  thread.on('error', (error) => ended.reject(error));
  const timer = setInterval(() => {
    goOn(played).then(
      (on) => on || ended.resolve(null),
      () => undefined,
    );
  }, LOOK_MS);
  try {
    return await ended.promise;
  } finally {
    clearInterval(timer);
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}
