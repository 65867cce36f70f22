import { z } from 'zod';
import { CALL_STAGES, type FloorState } from './floor.ts';
import { PACING_MODES } from './interface.ts';
import { learningOf } from './learning.ts';
import { chancesFrom } from './memory.ts';

/** Raised whenever the meaning of the stored state changes; a snapshot of another version is a cold start. */
const VERSION = 3;

const count = z.int().min(0);
const call = z.strictObject({
  stage: z.enum(CALL_STAGES),
  since: z.number(),
  rangMs: z.number().nullable(),
  deadline: z.number().nullable(),
  logOdds: z.number(),
});
const agent = z.strictObject({
  doing: z.enum(['idle', 'talk', 'wrap', 'away']),
  since: z.number(),
  leaving: z.boolean(),
  reserved: z.boolean(),
  takenSince: z.number().nullable(),
});

const budget = z.strictObject({
  price: z.number(),
  paid: z.number(),
  paidAt: z.number(),
  relationAbandoned: z.number(),
  relationPrice: z.number(),
  recentAnswered: z.number(),
  recentAbandoned: z.number(),
  rateAnswered: z.number(),
  rateMs: z.number(),
  rateAgentMs: z.number(),
  windowAnswered: z.number(),
  windowAbandoned: z.number(),
  at: z.number(),
  guard: z.boolean(),
  rest: z.number(),
  target: z.number(),
  aimed: z.number(),
});

const stored = z.strictObject({
  version: z.literal(VERSION),
  config: z.strictObject({
    mode: z.enum(PACING_MODES),
    ratio: z.number().exactOptional(),
    cap: z.number(),
    target: z.number().exactOptional(),
    window: z.strictObject({ kind: z.enum(['campaign30d', 'rolling', 'day']), hours: z.number().exactOptional() }),
    clockStart: z.enum(['connect', 'greeting_start', 'greeting_end']),
    connectWithinMs: z.number(),
    minRingMs: z.number(),
    countAmdFalsePositives: z.boolean(),
    maxLinesPerAgent: z.number(),
    minAgentsForPredictive: z.number(),
    agentHoldback: z.number(),
    closesAt: z.number().exactOptional(),
  }),
  now: z.number(),
  calls: z.array(z.tuple([z.number(), call])),
  agents: z.array(z.tuple([z.number(), agent])),
  launches: z.array(z.strictObject({ at: z.number(), left: count })),
  seen: z.array(z.number()),
  seenUpTo: z.number(),
  greatestSeq: z.number(),
  dropped: z.strictObject({ duplicate: count, late: count, unknown: count, reaped: count }),
  ledger: z.strictObject({ answered: z.number(), abandoned: z.number() }),
  memory: z.strictObject({
    numbers: z.array(z.number()),
    basis: z.array(z.number()),
    agentsBasis: z.array(z.number()),
    refreshedAt: z.number().nullable(),
    agentsRefreshedAt: z.number().nullable(),
    budget,
    leads: z.strictObject({ mean: z.number(), weight: z.number(), slope: z.number(), precision: z.number() }),
  }),
});

/** The whole floor as bytes, from which `readSnapshot` makes an equal one. */
export function writeSnapshot(floor: FloorState): Uint8Array {
  const { config, calls, agents, seen, memory, ...rest } = floor;
  const { learning, basis, agentsBasis, chances: _chances, ...plain } = memory;
  // Sorted, so that equal floors have equal bytes wherever their configuration came from.
  const sortedConfig = Object.fromEntries(Object.entries(config).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const body = {
    version: VERSION,
    config: sortedConfig,
    ...rest,
    calls: [...calls],
    agents: [...agents],
    seen: [...seen],
    memory: { numbers: [...learning.numbers], basis: [...basis], agentsBasis: [...agentsBasis], ...plain },
  };
  return new TextEncoder().encode(JSON.stringify(body));
}

/** The floor a snapshot holds, its own configuration included; null when it is of another version or damaged. */
export function readSnapshot(bytes: Uint8Array): FloorState | null {
  const parsed = stored.safeParse(parseJson(bytes));
  if (!parsed.success) return null;
  const { version: _version, calls, agents, seen, memory, ...rest } = parsed.data;
  const { numbers, basis: basisNumbers, agentsBasis: agentsNumbers, ...plain } = memory;
  const [basis, agentsBasis] = [Float64Array.from(basisNumbers), Float64Array.from(agentsNumbers)];
  const learning = learningOf(Float64Array.from(numbers));
  const chances = chancesFrom(basis, agentsBasis);
  if (learning === null || chances === null) return null;
  return {
    ...rest,
    calls: new Map(calls),
    agents: new Map(agents),
    seen: new Set(seen),
    memory: { learning, chances, basis, agentsBasis, ...plain },
  };
}

/** Whether a pacer would continue from this snapshot; one of another version, or a damaged one, is a cold start. */
export function fitsSnapshot(bytes: Uint8Array): boolean {
  return readSnapshot(bytes) !== null;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return null;
  }
}
