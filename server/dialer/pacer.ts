import { join } from 'node:path';
import { commitOf } from '../kernel/commit.ts';
import {
  createPacer,
  fitsSnapshot,
  PacingFault,
  toBase64,
  type SeeingPacer,
  type PacingConfig,
  type PacingEvent,
  type RecordHead,
} from '../pacing/index.ts';
import { floorNowMs, type Floor } from './floor.ts';
import { openPacingRecord } from './pacing-record.ts';
import { savePacingMemory, type PacingMemory } from './pacing-memory.ts';

/** What was learnt longer ago says little of today. */
const REMEMBERED_MS = 12 * 3_600_000;

const COMMIT = commitOf(join(import.meta.dirname, '../..'));

/** A campaign's pacer as the dialer runs it: numbered, recorded, and remembered over a restart. */
export interface FloorPacer extends Pick<SeeingPacer, 'tick' | 'outlook' | 'counts'> {
  /** Numbers the event, stamps it with the floor's clock and tells the pacer. What the pacer refuses is logged and changes nothing. */
  tell(event: Unnumbered<PacingEvent>): void;
  /** True once a stored memory could not be read: the pacer began from nothing. */
  readonly forgot: boolean;
  /** Its record cannot be written now: what it decides cannot be replayed. */
  recordBroken(): boolean;
  /** Writes down what was learnt, for the next dialer. */
  remember(open: { calls: number[]; agents: number[] }): void;
  close(): Promise<void>;
}

/** An event of the pacer before it is numbered and stamped. */
export type Unnumbered<E> = E extends unknown ? Omit<E, 'seq' | 't'> : never;

/**
 * Makes a campaign's pacer. With the memory of a former dialer it continues from there: what was in flight then is lost from sight and
 * teaches nothing, who was on duty then is announced anew. A memory from the future or too old is a cold start; so is one of another version, which the log and the board tell.
 */
export function openFloorPacer(floor: Floor, campaignId: string, config: PacingConfig, memory: PacingMemory | null): FloorPacer {
  const seed = Number.parseInt(campaignId.slice(-7), 16);
  const nowMs = floorNowMs(floor);
  const ageMs = memory === null ? 0 : nowMs - memory.savedAt.epochMilliseconds;
  const usable = memory !== null && ageMs >= 0 && ageMs < REMEMBERED_MS;
  const forgot = usable && !fitsSnapshot(memory.snapshot);
  const snapshot = usable && !forgot ? memory.snapshot : null;
  if (forgot) floor.log.warn({ campaignId }, 'what the pacer had learnt is of another version: it begins anew');
  const pacer = createPacer(config, { seed, ...(snapshot === null ? {} : { snapshot }) });
  let seq = snapshot === null ? 0 : (memory?.seq ?? 0);
  let refusals = 0;

  const headOf = (bytes: Uint8Array | null, continues: boolean): RecordHead => ({
    campaignId,
    seed,
    config,
    snapshot: bytes === null ? null : toBase64(bytes),
    continues,
    at: floorNowMs(floor),
    commit: COMMIT,
    node: process.versions.node,
  });
  const record =
    floor.pacingRecord &&
    openPacingRecord({
      dataDir: floor.dataDir,
      epoch: Number(floor.lease.epoch),
      head: headOf(snapshot, false),
      headNow: (continues) => headOf(pacer.snapshot(), continues),
      onGap: () => {
        floor.journal.event({
          kind: 'campaign.record_gap',
          subject: 'campaign',
          subjectId: campaignId,
          actor: 'dialer',
          body: {},
        });
      },
      log: floor.log,
    });

  function tell(event: Unnumbered<PacingEvent>): void {
    const numbered = { ...event, seq: seq + 1, t: floorNowMs(floor) } as PacingEvent;
    try {
      pacer.apply(numbered);
    } catch (error) {
      if (!(error instanceof PacingFault)) throw error;
      refusals += 1;
      floor.log.error({ campaignId, type: event.type, field: error.field, refusals }, 'the pacer refused an event');
      return;
    }
    seq += 1;
    record?.event(numbered);
  }

  if (snapshot !== null && memory !== null) {
    floor.nextPacingId = Math.max(floor.nextPacingId, memory.lastId);
    for (const call of memory.calls) tell({ type: 'call.ended', call, cause: 'lost' });
    for (const agent of memory.agents) tell({ type: 'agent.away', agent, from: 'lost' });
    tell({ type: 'config', config });
    // The window is counted anew.
    tell({ type: 'ledger', answered: 0, abandoned: 0 });
  }
  return {
    forgot,
    tell,
    tick(now, env) {
      const decision = pacer.tick(now, env);
      record?.tick(now, env, decision);
      return decision;
    },
    outlook: () => pacer.outlook(),
    counts: () => pacer.counts(),
    recordBroken: () => record !== null && record.broken(),
    remember({ calls, agents }) {
      const known = { campaignId, snapshot: pacer.snapshot(), seq, lastId: floor.nextPacingId, calls, agents };
      floor.writer.later(campaignId, 'memory of the pacer', (database) => savePacingMemory(database, known));
    },
    close: async () => record?.close(),
  };
}
