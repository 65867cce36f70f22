import { PACING_MODES, type PacingConfig, type PacingEvent } from './interface.ts';

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
  if (!PACING_MODES.includes(config.mode)) throw new PacingFault('mode', 'there is no such mode');
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
  const { hours } = config.window;
  if (hours !== undefined && !(hours > 0 && Number.isFinite(hours))) {
    throw new PacingFault('window.hours', 'the length of the window is not a number above 0');
  }
  if (config.closesAt !== undefined && !Number.isFinite(config.closesAt))
    throw new PacingFault('closesAt', 'closesAt is not a time');
  return config;
}

/** Refuses news whose number, time, ids or counts are none: throws PacingFault and nothing has changed. */
export function checkEvent(event: PacingEvent): void {
  if (!(event.seq >= 0) || !Number.isFinite(event.seq))
    throw new PacingFault('seq', 'the number of an event is not a number from 0 up');
  if (!(event.t >= 0) || !Number.isFinite(event.t)) throw new PacingFault('t', 'the time of an event is not a number from 0 up');
  if ('call' in event) checkId('call', event.call);
  if ('agent' in event) checkId('agent', event.agent);
  if (event.type === 'call.ready' && !(event.deadline >= 0 && Number.isFinite(event.deadline)))
    throw new PacingFault('deadline', 'the deadline of a call is not a number from 0 up');
  const pAnswer = event.type === 'call.dialed' ? event.lead?.pAnswer : undefined;
  if (pAnswer !== undefined && !(pAnswer >= 0 && pAnswer <= 1))
    throw new PacingFault('pAnswer', 'the chance of an answer is not a number from 0 to 1');
  if (event.type === 'config') checkConfig(event.config);
  if (event.type !== 'ledger') return;
  const { answered, abandoned } = event;
  if (!(answered >= 0 && abandoned >= 0 && abandoned <= answered) || !Number.isFinite(answered)) {
    throw new PacingFault('ledger', 'the ledger has no such counts: abandoned from 0 to answered');
  }
}

function checkId(field: 'call' | 'agent', id: number): void {
  if (!(Number.isSafeInteger(id) && id >= 0)) throw new PacingFault(field, `${field} is not a whole number from 0 up`);
}

/** Refuses a time that is none. */
export function checkTime(now: number): void {
  if (!(now >= 0) || !Number.isFinite(now)) throw new PacingFault('now', 'the time of a tick is not a number from 0 up');
}
