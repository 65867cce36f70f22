import type { RecordedEvent } from '../../server/telephony/port.ts';
import { trunkEndpoint } from '../../server/telephony/trunk.ts';

/** One debtor's leg as the switch itself recorded it. Stamps are the switch's, in ms since the epoch. */
export interface RecordedLeg {
  legId: string;
  /** How often a leg of this id began: more than once is a call sent twice. */
  begun: number;
  answeredMs: number | null;
  /** What screening said, as `STATUS:CAUSE`, and when. */
  screened: { status: string; atMs: number } | null;
  bridgedMs: number | null;
  /** The safe-harbour message began, or the leg was cut at its deadline. */
  unservedMs: number | null;
  ended: boolean;
}

/** What the switch's record says of a time: debtors' legs by id, and how often each number was called, as the far end counted. */
export interface RecordedCalls {
  legs: ReadonlyMap<string, RecordedLeg>;
  timesCalled: ReadonlyMap<string, number>;
}

/** Reads the legs of one trunk and the demo carrier's side out of the switch's record. */
export function readCalls(events: readonly RecordedEvent[], trunk: string): RecordedCalls {
  const legs = new Map<string, RecordedLeg>();
  const timesCalled = new Map<string, number>();
  const ours = `PJSIP/${trunkEndpoint(trunk)}-`;
  for (const event of events) {
    if (event.type === 'CHAN_START' && event.channel.startsWith('PJSIP/demo-carrier-')) {
      timesCalled.set(event.extension, (timesCalled.get(event.extension) ?? 0) + 1);
    }
    if (!event.channel.startsWith(ours)) continue;
    const leg = legs.get(event.legId) ?? emptyLeg(event.legId);
    legs.set(event.legId, leg);
    note(leg, event);
  }
  return { legs, timesCalled };
}

function note(leg: RecordedLeg, event: RecordedEvent): void {
  switch (event.type) {
    case 'CHAN_START':
      leg.begun++;
      leg.ended = false;
      return;
    case 'ANSWER':
      leg.answeredMs ??= event.stampMs;
      return;
    case 'SCREENED':
      leg.screened ??= { status: event.extra, atMs: event.stampMs };
      return;
    case 'BRIDGE_ENTER':
      leg.bridgedMs ??= event.stampMs;
      return;
    case 'MESSAGE':
    case 'CUT':
      leg.unservedMs ??= event.stampMs;
      return;
    case 'CHAN_END':
      leg.ended = true;
      return;
  }
}

function emptyLeg(legId: string): RecordedLeg {
  return { legId, begun: 0, answeredMs: null, screened: null, bridgedMs: null, unservedMs: null, ended: false };
}

/** From the human verdict (screening off: the answer) to the agent's bridge, in ms, for every leg that got there. */
export function answerToBridgeMs(legs: Iterable<RecordedLeg>): number[] {
  const waits: number[] = [];
  for (const leg of legs) {
    const from = leg.screened?.atMs ?? leg.answeredMs;
    if (from !== null && leg.bridgedMs !== null) waits.push(leg.bridgedMs - from);
  }
  return waits;
}

/** abandoned / (connected + abandoned), by the record alone; null when nobody was connected or abandoned. */
export function abandonRate(legs: Iterable<RecordedLeg>): number | null {
  let connected = 0;
  let abandoned = 0;
  for (const leg of legs) {
    if (leg.bridgedMs !== null) connected++;
    else if (leg.unservedMs !== null) abandoned++;
  }
  return connected + abandoned === 0 ? null : abandoned / (connected + abandoned);
}
