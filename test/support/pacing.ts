import { createPacer, type Env, type PacingConfig, type PacingEvent } from '../../server/pacing/index.ts';

export const config: PacingConfig = {
  mode: 'progressive',
  cap: 0.03,
  window: { kind: 'campaign30d' },
  clockStart: 'greeting_end',
  connectWithinMs: 2_000,
  minRingMs: 15_000,
  countAmdFalsePositives: true,
  maxLinesPerAgent: 5,
  minAgentsForPredictive: 10,
  agentHoldback: 0,
};
export const ample: Env = { linesFree: 1_000, cpsCredit: 1_000, leadsReady: 1_000 };

export type EventBody = PacingEvent extends infer Each ? (Each extends PacingEvent ? Omit<Each, 'seq' | 't'> : never) : never;

/** A pacer with a clock and a counter of events. */
export function floorOf(change: Partial<PacingConfig> = {}, agents = 0) {
  const pacer = createPacer({ ...config, ...change }, { seed: 1 });
  const floor = {
    pacer,
    seq: 0,
    now: 1_000,
    say(body: EventBody, t?: number) {
      this.seq += 1;
      pacer.apply({ ...body, seq: this.seq, t: t ?? this.now });
    },
    tick(env: Partial<Env> = {}) {
      return pacer.tick(this.now, { ...ample, ...env });
    },
  };
  for (let agent = 0; agent < agents; agent += 1) floor.say({ type: 'agent.available', agent });
  return floor;
}
