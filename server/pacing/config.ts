import type { PacingConfig } from './interface.ts';

/** A setting that cannot be, named: `code` says what, `field` where. */
export class PacingFault extends Error {
  readonly code = 'pacing_config';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.name = 'PacingFault';
    this.field = field;
  }
}

/** Returns the configuration unchanged; throws PacingFault for a value that is no number, negative, or outside what the law leaves. */
export function checkConfig(config: PacingConfig): PacingConfig {
  const numbers = ['cap', 'connectWithinMs', 'minRingMs', 'maxLinesPerAgent', 'minAgentsForPredictive', 'agentHoldback'] as const;
  for (const field of numbers) {
    if (!(config[field] >= 0) || !Number.isFinite(config[field]))
      throw new PacingFault(field, `${field} is not a number from 0 up`);
  }
  if (config.cap > 0.05) throw new PacingFault('cap', 'the abandonment cap is above 5 %');
  if (config.target !== undefined && !(config.target >= 0 && config.target <= config.cap)) {
    throw new PacingFault('target', 'the target is above the cap');
  }
  if (config.ratio !== undefined && !(config.ratio >= 1 && config.ratio <= 15)) {
    throw new PacingFault('ratio', 'the ratio is not between 1 and 15');
  }
  if (config.mode === 'ratio' && config.ratio === undefined) throw new PacingFault('ratio', 'mode ratio needs a ratio');
  if (config.connectWithinMs === 0) throw new PacingFault('connectWithinMs', 'the time to connect is 0');
  if (config.closesAt !== undefined && !Number.isFinite(config.closesAt))
    throw new PacingFault('closesAt', 'closesAt is not a time');
  return config;
}
