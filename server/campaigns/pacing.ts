import type { PacedSettings } from '../contract/pacing-trial.ts';
import type { PacingConfig } from '../pacing/index.ts';

/** What the pacer needs of a campaign's settings. */
export function pacingConfigOf(settings: PacedSettings): PacingConfig {
  const { mode, ratio, abandonCap, target, maxLinesPerAgent, minAgentsForPredictive, agentHoldback } = settings.pacing;
  return {
    mode,
    ratio,
    cap: abandonCap,
    ...(target === null ? {} : { target }),
    window: { kind: 'rolling', hours: 24 },
    clockStart: settings.screening ? 'greeting_end' : 'connect',
    connectWithinMs: settings.connectWithinMs,
    minRingMs: settings.minRingMs,
    countAmdFalsePositives: true,
    maxLinesPerAgent,
    minAgentsForPredictive,
    agentHoldback,
  };
}
