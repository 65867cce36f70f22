/** What a call may do, decided apart from doing it: the order of its states, and what its end came to. */
import type { LedgerCause } from '../contract/abandonment.ts';
import type { TestCallResult } from '../contract/trunks.ts';
import { CALLED_OFF } from '../queue/rules.ts';
import type { EndClass } from '../telephony/causes.ts';

export const CALL_STATES = ['reserved', 'dialing', 'ringing', 'answered', 'screening', 'waiting', 'connected', 'ended'] as const;
export type CallState = (typeof CALL_STATES)[number];

export type CallResult = 'connected' | 'abandoned' | 'screened' | 'no_answer' | 'busy' | 'failed' | 'cancelled' | 'lost';

/**
 * The state after news of `to`, or null for late news: any later state may follow any earlier one (an answer without ringing,
 * screening turned off), and nothing goes back.
 */
export function advance(from: CallState, to: CallState): CallState | null {
  return CALL_STATES.indexOf(to) > CALL_STATES.indexOf(from) ? to : null;
}

/** What is known of a call when its leg has ended. */
export interface Ended {
  state: CallState;
  /** What the ledger says of its answer; null when nobody answered. */
  judged: LedgerCause | null;
  /** Whether it may hear the message; without it the leg is cut there. */
  recordedSound: boolean;
  /** The agent's leg was lost and nobody could go on: the debtor heard an apology. */
  apologised: boolean;
  /** We hung up, or never got as far as calling. */
  hungUpByUs: boolean;
  /** We did so because a hold, a payment or the like came in. */
  calledOff: boolean;
  /** What the switch's cause means; see `telephony/causes.ts`. */
  endClass: EndClass;
}

/** The result of a call, how it ended in one word for the ledger, and whether it counts towards caps. Unknown counts (invariant I3). */
export interface Ending {
  result: CallResult;
  ending: string;
  counts: boolean;
}

/**
 * What a call came to. Of an answered call the ledger's word decides, so that an attempt is abandoned exactly where its ledger row says so:
 * a caller who hangs up before the deadline is answered but not abandoned, whoever leaves after it is, and a machine is screened.
 */
export function endingOf(call: Ended): Ending {
  const { judged } = call;
  if (call.state === 'connected' || judged === 'agent' || judged === 'agent_late') {
    if (call.apologised) return { result: 'connected', ending: 'agent_lost', counts: true };
    return { result: 'connected', ending: call.hungUpByUs ? 'agent_hangup' : 'caller_hangup', counts: true };
  }
  switch (judged) {
    case null:
    case 'inbound':
      return endingUnanswered(call);
    case 'machine':
      return { result: 'screened', ending: 'machine', counts: true };
    case 'left_early':
      return { result: 'cancelled', ending: 'caller_hangup', counts: true };
    case 'left_late':
    case 'hung_up_unserved':
      return { result: 'abandoned', ending: judged, counts: true };
    case 'no_agent_in_time':
    case 'no_application':
    case 'agent_leg_failed':
    case 'cut_without_message':
    case 'switch_lost':
      return { result: 'abandoned', ending: call.recordedSound ? 'no_agent_in_time' : 'cut_without_message', counts: true };
  }
}

function endingUnanswered(call: Ended): Ending {
  if (call.hungUpByUs) return { result: 'cancelled', ending: call.calledOff ? CALLED_OFF : 'withdrawn', counts: true };
  switch (call.endClass) {
    case 'busy':
    case 'declined':
      return { result: 'busy', ending: call.endClass, counts: true };
    case 'no_answer':
    case 'normal':
      return { result: 'no_answer', ending: 'no_answer', counts: true };
    case 'cancelled':
      return { result: 'cancelled', ending: 'withdrawn', counts: true };
    // The trunk's fault, not the debtor's try: it spends none, unless the telephone had rung.
    case 'congestion':
    case 'trunk_fault':
      return { result: 'failed', ending: call.endClass, counts: call.state !== 'dialing' };
    case 'dead_number':
    case 'failed':
    case 'unknown':
      return { result: 'failed', ending: call.endClass, counts: true };
  }
}

/** What the test call of a trunk came to: only the right key proves that a person heard us, and that we heard them. */
export function testResultOf(call: { answered: boolean; key: string | null; endClass: EndClass }): TestCallResult {
  if (call.answered) return call.key === TEST_KEY ? 'passed' : 'no_key';
  switch (call.endClass) {
    case 'normal':
    case 'unknown':
      return 'failed';
    case 'cancelled':
      return 'unknown';
    default:
      return call.endClass;
  }
}
/** The prompt asks for it: dialplans/trunk-test.conf. */
const TEST_KEY = '1';

/** What a test call says of the trunk, as `trunkSays` for debtors' calls. */
export function trunkSaysOfTest(result: TestCallResult): ReturnType<typeof trunkSays> {
  if (result === 'not_sent' || result === 'unknown') return 'unsent';
  if (result === 'congestion') return 'full';
  return result === 'trunk_fault' ? 'refused' : 'used';
}

/** Whether a call may wait until its trunk has rested: its permit must outlive the rest, and the sending after it. */
export function outlivesRest(restMs: number, permitLeftMs: number): boolean {
  return restMs > 0 && permitLeftMs > restMs + SENDING_MS;
}
const SENDING_MS = 200;

/** What an ending says of the trunk: it served, it had no free line, it refused us, or it was never asked. */
export function trunkSays({ ending, counts }: Ending): 'used' | 'full' | 'refused' | 'unsent' {
  if (ending === 'not_sent' || (ending === CALLED_OFF && !counts)) return 'unsent';
  if (ending === 'congestion') return 'full';
  return ending === 'trunk_fault' || ending === 'refused' ? 'refused' : 'used';
}
