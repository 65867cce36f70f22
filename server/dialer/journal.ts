import { saveDesks, saveSegments, type DeskRow, type SegmentRow } from '../agents/store.ts';
import { isAway } from '../kernel/faults.ts';
import { record, type HistoryEvent } from '../kernel/history.ts';
import { rescoreParties } from '../queue/rescore.ts';
import type { Settlement } from '../queue/settle.ts';
import { saveEnds, saveProgress, type ProgressRow } from './store.ts';
import { JOURNAL_LANE, type Writer } from './writer.ts';

/** How long a change may wait for others to be written with it. */
const FLUSH_MS = 400;
/** How long a score may lag behind what is known of a debtor. */
const SCORES_MS = 1_000;

/**
 * Gathers what the floor's memory wants written but nobody waits for, and writes it together: of a desk and of a call's progress
 * only the newest state, of ends, events and segments each. At twenty calls a second this is a dozen statements instead of hundreds.
 */
export interface Journal {
  desk(row: DeskRow): void;
  progress(row: ProgressRow): void;
  /** The call has ended: its progress needs no writing any more, the settlement says it all. */
  end(settlement: Settlement): void;
  segment(row: SegmentRow): void;
  event(event: HistoryEvent): void;
  /** Something is known of this debtor that was not before: their score is computed anew. */
  learnt(partyId: string): void;
  /** Hands everything gathered to the writer now. */
  flush(): void;
  /** Flushes for the last time. The writer still has to be drained. */
  stop(): void;
}

/** A journal that writes through `writer`; whoever makes it stops it. `onEnds` hears of attempts whose ends are written, or refused. */
export function createJournal(writer: Writer, onEnds: (attemptIds: readonly string[]) => void): Journal {
  const desks = new Map<string, DeskRow>();
  const progress = new Map<string, ProgressRow>();
  const learnt = new Set<string>();
  let ends: Settlement[] = [];
  let segments: SegmentRow[] = [];
  let events: HistoryEvent[] = [];
  const timers = [setInterval(flush, FLUSH_MS), setInterval(flushScores, SCORES_MS)];

  function flush(): void {
    if (desks.size + progress.size + ends.length + segments.length + events.length === 0) return;
    const batch = { desks: [...desks.values()], progress: [...progress.values()], ends, segments, events };
    desks.clear();
    progress.clear();
    ends = [];
    segments = [];
    events = [];
    // Each on its own: what the database refuses of one takes nothing of the others with it.
    writer.later(JOURNAL_LANE, 'desks', (database) => saveDesks(database, batch.desks));
    writer.later(JOURNAL_LANE, 'progress', (database) => saveProgress(database, batch.progress));
    writer.later(JOURNAL_LANE, 'ends', async (database) => {
      try {
        await saveEnds(database, batch.ends);
      } catch (error) {
        if (!isAway(error)) onEnds(batch.ends.map((end) => end.attemptId));
        throw error;
      }
      onEnds(batch.ends.map((end) => end.attemptId));
    });
    writer.later(JOURNAL_LANE, 'segments', (database) => saveSegments(database, batch.segments));
    writer.later(JOURNAL_LANE, 'events', (database) => record(database, batch.events));
  }

  function flushScores(): void {
    if (learnt.size === 0) return;
    const partyIds = [...learnt];
    learnt.clear();
    writer.later(JOURNAL_LANE, 'scores', async (database) => void (await rescoreParties(database, partyIds)));
  }

  return {
    desk: (row) => void desks.set(row.agentId, row),
    progress: (row) => void progress.set(row.attemptId, row),
    end(settlement) {
      progress.delete(settlement.attemptId);
      ends.push(settlement);
    },
    segment: (row) => void segments.push(row),
    event: (event) => void events.push(event),
    learnt: (partyId) => void learnt.add(partyId),
    flush,
    stop() {
      for (const timer of timers) clearInterval(timer);
      flush();
      flushScores();
    },
  };
}
