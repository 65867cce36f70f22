/** The policies that can be put on a simulated floor, by name. */
import { PacingFault } from '../config.ts';
import type { PacingConfig } from '../interface.ts';
import { createPacerWith } from '../pacer.ts';
import { progressivePolicy, ratioPolicy } from './policies.ts';
import type { Foresight, Policy } from './run.ts';
import type { Scenario } from './scenario.ts';
import { VICIDIAL_MODES, vicidialPolicy } from './vicidial.ts';

export const POLICY_NAMES = [
  'predictive',
  'progressive',
  'ratio:1…15',
  ...VICIDIAL_MODES.map((mode) => `vicidial:${mode}`),
  'knows_the_calls',
] as const;

/** What a floor asks of a pacer: the scenario's limits as a campaign would have them. */
export function pacingConfigFor(floor: Scenario, cap: number): PacingConfig {
  return {
    mode: 'predictive',
    cap,
    window: { kind: 'day' },
    clockStart: floor.amd ? 'greeting_end' : 'connect',
    connectWithinMs: Math.round(floor.connectWithinS * 1_000),
    minRingMs: 15_000,
    countAmdFalsePositives: true,
    maxLinesPerAgent: 8,
    minAgentsForPredictive: 5,
    agentHoldback: 0,
    closesAt: Math.round(floor.hours * 3_600_000),
  };
}

/** Makes the policy of this name for a floor; throws PacingFault for a name that is none. */
export function policyNamed(
  name: string,
  floor: Scenario,
  options: { cap: number; seed: number },
): (foresight: Foresight) => Policy {
  const config = pacingConfigFor(floor, options.cap);
  if (name === 'predictive') return () => createPacerWith(config, { seed: options.seed });
  if (name === 'progressive') return progressivePolicy;
  if (name === 'knows_the_calls') return (foresight) => createPacerWith(config, { seed: options.seed }, foresight);
  const [kind, part = ''] = name.split(':');
  if (kind === 'ratio' && Number(part) >= 1 && Number(part) <= 15) return () => ratioPolicy(Number(part));
  const mode = VICIDIAL_MODES.find((each) => each === part);
  if (kind === 'vicidial' && mode) return () => vicidialPolicy(mode, { cap: options.cap, closesAt: floor.hours * 3_600_000 });
  throw new PacingFault('policy', `no policy '${name}'; there are ${POLICY_NAMES.join(', ')}`);
}
