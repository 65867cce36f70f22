/**
 * The record of a pacer's run, line by line, and its replay: everything that went in, in the order in which it was applied, and every
 * decision that came out. The same lines through the same module give the same decisions, bit for bit.
 */
import { z } from 'zod';
import type { Decision, Env, Ms, Pacer, PacingConfig, PacingEvent } from './interface.ts';
import { createPacer } from './pacer.ts';

/** Raised whenever the meaning of a line changes; lines of another version are not replayed. */
const RECORD_VERSION = 1;

/** What a run, or a part of one, begins with. */
export interface RecordHead {
  campaignId: string;
  seed: number;
  config: PacingConfig;
  /** The pacer as it was at this point, as base64; null for one that knows nothing yet. */
  snapshot: string | null;
  /** The part before this one ended here: its pacer and this one's are equal. */
  continues: boolean;
  at: Ms;
  /** What ran: the commit of the program, or null where it is not known, and the version of Node. */
  commit: string | null;
  node: string;
}

const head = z.object({
  record: z.literal(RECORD_VERSION),
  campaignId: z.string(),
  seed: z.number(),
  config: z.custom<PacingConfig>((value) => typeof value === 'object' && value !== null),
  snapshot: z.string().nullable(),
  continues: z.boolean(),
  at: z.number(),
  commit: z.string().nullable(),
  node: z.string(),
});

/** A line of the record, read. `decision` stays text: it is compared bit for bit. */
export type RecordEntry =
  | { kind: 'head'; head: RecordHead }
  | { kind: 'event'; event: PacingEvent }
  | { kind: 'tick'; now: Ms; env: Env; decision: string };

const line = z.union([
  head.transform((read): RecordEntry => ({ kind: 'head', head: read })),
  z
    .tuple([z.literal('e'), z.custom<PacingEvent>((value) => typeof value === 'object' && value !== null)])
    .transform(([, event]): RecordEntry => ({ kind: 'event', event })),
  z
    .tuple([z.literal('t'), z.number(), z.looseObject({ linesFree: z.number().nullable() }), z.looseObject({ dial: z.number() })])
    .transform(([, now, env, decision]): RecordEntry => ({
      kind: 'tick',
      now,
      env: envOf(env),
      decision: JSON.stringify(decision),
    })),
]);

/** The first line of a part. */
export function headLine(given: RecordHead): string {
  return JSON.stringify({ record: RECORD_VERSION, ...given });
}

/** An event that was applied. */
export function eventLine(event: PacingEvent): string {
  return `["e",${JSON.stringify(event)}]`;
}

/** A tick with all it saw and what it decided. */
export function tickLine(now: Ms, env: Env, decision: Decision): string {
  const chances = env.nextLeadP === undefined ? env : { ...env, nextLeadP: [...env.nextLeadP] };
  return `["t",${now},${JSON.stringify(chances)},${JSON.stringify(decision)}]`;
}

/** Reads one line; null for one that is none. */
export function readLine(text: string): RecordEntry | null {
  try {
    return line.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Where a replay came to something else than the record. */
export interface RecordDifference {
  what: 'decision' | 'snapshot' | 'refused';
  recorded: string;
  replayed: string;
}

/** Replays entries in order; `step` returns what differs, and whether a decision was compared. */
export interface Replay {
  step(entry: RecordEntry): { compared: boolean; difference: RecordDifference | null };
}

/** A replay that has seen nothing yet; its first entry must be a head (throws RangeError). */
export function startReplay(): Replay {
  let pacer: Pacer | null = null;

  function begin(given: RecordHead): RecordDifference | null {
    const { seed, config, snapshot, continues } = given;
    const before = continues && pacer !== null ? toBase64(pacer.snapshot()) : snapshot;
    pacer = createPacer(config, { seed, ...(snapshot === null ? {} : { snapshot: fromBase64(snapshot) }) });
    if (before === snapshot) return null;
    return { what: 'snapshot', recorded: `${snapshot?.length ?? 0} characters`, replayed: `${before?.length ?? 0} characters` };
  }

  return {
    step(entry) {
      if (entry.kind === 'head') return { compared: false, difference: begin(entry.head) };
      if (pacer === null) throw new RangeError('a record begins with its head');
      try {
        if (entry.kind === 'event') {
          pacer.apply(entry.event);
          return { compared: false, difference: null };
        }
        const replayed = JSON.stringify(pacer.tick(entry.now, entry.env));
        const difference =
          replayed === entry.decision ? null : ({ what: 'decision', recorded: entry.decision, replayed } as const);
        return { compared: true, difference };
      } catch (error) {
        const replayed = error instanceof Error ? error.message : String(error);
        return { compared: entry.kind === 'tick', difference: { what: 'refused', recorded: 'accepted', replayed } };
      }
    },
  };
}

/** The bytes of a snapshot as text. */
export function toBase64(bytes: Uint8Array): string {
  return bytes.toBase64();
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.fromBase64(text);
}

function envOf(read: { linesFree: number | null; [key: string]: unknown }): Env {
  const { nextLeadP, ...rest } = read as unknown as Omit<Env, 'nextLeadP'> & { nextLeadP?: number[] };
  return nextLeadP === undefined ? rest : { ...rest, nextLeadP: Float64Array.from(nextLeadP) };
}
