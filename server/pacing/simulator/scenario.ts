/** A floor to be simulated, in the words an admin would use; every value but the agents has the reference floor's as default. */
import { z } from 'zod';
import { PacingFault } from '../config.ts';

const share = z.number().min(0).max(1);
const seconds = z.number().min(0).max(86_400);
const spread = z.tuple([seconds, seconds]).refine(([from, to]) => from <= to, 'begins after its end');
const ringing = z.strictObject({ kind: z.enum(['logNormal', 'weibull']), a: z.number().positive(), b: z.number().positive() });
const logNormal = z.strictObject({ medianS: z.number().positive().max(86_400), sigma: z.number().min(0).max(3) });

/** Durations as they were measured: quantiles from the shortest to the longest, evenly spaced, in seconds. */
const measured = z
  .array(seconds)
  .min(2)
  .max(1_001)
  .refine((values) => values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0)), 'is not in order');

export const scenario = z.strictObject({
  agents: z.int().min(1).max(5_000),
  hours: z.number().positive().max(24).default(8),
  /** Chance that a dial reaches a person: one number, or steps from an hour on. */
  answerProbability: z.union([share, z.array(z.strictObject({ fromHour: z.number().min(0), value: share })).min(1)]).default(0.3),
  machineShare: share.default(0.25),
  busyShare: share.default(0.05),
  failShare: share.default(0.05),
  /** `logNormal`: a = median in s, b = sigma; `weibull`: a = shape, b = scale in s. */
  ringing: ringing.default({ kind: 'logNormal', a: 8, b: 0.55 }),
  ringTimeoutS: z.number().positive().max(120).default(25),
  amd: z.boolean().default(true),
  amdFalseMachine: share.default(0.03),
  amdFalseHuman: share.default(0.1),
  /** Of those who want an agent, whom detection left undecided: no greeting's end is known, so their time is all but up with the verdict. */
  undecidedShare: share.default(0),
  /** How long they still wait. */
  undecidedWaitS: z.number().min(0).max(30).default(0.1),
  /** How long a machine that reaches an agent keeps them. */
  machineTalkS: spread.default([3, 8]),
  refusalShare: share.default(0.45),
  refusal: logNormal.default({ medianS: 14, sigma: 0.6 }),
  conversation: logNormal.default({ medianS: 110, sigma: 0.8 }),
  wrap: z.strictObject({ shape: z.number().positive().max(100), meanS: seconds }).default({ shape: 2, meanS: 15 }),
  breaks: z.union([z.literal(false), z.strictObject({ everyMinutes: z.number().positive(), minutes: spread })]).default({
    everyMinutes: 75,
    minutes: [5, 15],
  }),
  logInSpreadS: seconds.default(120),
  /** Who works when; absent: all agents all the time. */
  shifts: z
    .array(z.strictObject({ agents: z.int().min(1), fromHour: z.number().min(0), toHour: z.number().positive() }))
    .min(1)
    .optional(),
  trunks: z.int().min(1).optional(),
  dialsPerSecond: z.number().positive().optional(),
  /** From the end of the greeting (with AMD) or the answer until an agent must be there. */
  connectWithinS: z.number().positive().max(30).default(2),
  /** The greeting ends this long before AMD's verdict. */
  greetingEndsBeforeVerdictS: z.number().min(0).max(5).default(0.6),
  /** A floor that was measured: each of these takes the place of what is said above. */
  measured: z
    .strictObject({
      /** From the dial to the first ringing. */
      postDialS: measured.optional(),
      /** From there until people answer, and until machines do. */
      ringS: measured.optional(),
      machineRingS: measured.optional(),
      /** From the answer to the verdict. */
      screeningS: measured.optional(),
      machineScreeningS: measured.optional(),
      /** From the dial to the end of calls that are busy or fail. */
      refusedS: measured.optional(),
      talkS: measured.optional(),
      wrapS: measured.optional(),
    })
    .optional(),
});
export type Scenario = z.infer<typeof scenario>;
export type ScenarioText = z.input<typeof scenario>;

/** Reads a scenario; throws PacingFault naming the first field that is unknown or cannot be. */
export function readScenario(text: unknown): Scenario {
  const parsed = scenario.safeParse(text);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const keys = issue?.code === 'unrecognized_keys' ? issue.keys : [];
    const field = [...(issue?.path ?? []), ...keys.slice(0, 1)].join('.') || 'scenario';
    throw new PacingFault(field, keys.length > 0 ? `unknown scenario key '${field}'` : `${field}: ${issue?.message ?? 'wrong'}`);
  }
  const floor = parsed.data;
  const outcomes = floor.machineShare + floor.busyShare + floor.failShare;
  if (outcomes > 1) throw new PacingFault('machineShare', 'machines, busy and failures together exceed all dials');
  const inShifts = floor.shifts?.reduce((sum, shift) => sum + shift.agents, 0) ?? floor.agents;
  if (inShifts !== floor.agents) throw new PacingFault('shifts', 'the shifts do not hold the number of agents');
  if (floor.greetingEndsBeforeVerdictS > floor.connectWithinS && floor.amd) {
    throw new PacingFault('connectWithinS', 'the verdict comes after the time to connect is over');
  }
  return floor;
}

/** Chance that a dial placed at this hour reaches a person. */
export function answerProbabilityAt(floor: Scenario, hour: number): number {
  if (typeof floor.answerProbability === 'number') return floor.answerProbability;
  let value = floor.answerProbability[0]?.value ?? 0;
  for (const step of floor.answerProbability) if (step.fromHour <= hour) value = step.value;
  return value;
}
