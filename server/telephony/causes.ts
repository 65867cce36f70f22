/** What the end of a leg means (no I/O). */

export const END_CLASSES = [
  /** Ended as calls end: somebody hung up. */
  'normal',
  'busy',
  'no_answer',
  'declined',
  'dead_number',
  /** The network or the trunk had no free line, for now. */
  'congestion',
  /** The trunk refused us (authentication, forbidden, unreachable): no fault of the number. */
  'trunk_fault',
  'failed',
  /** We hung up before an answer. */
  'cancelled',
  'unknown',
] as const;
export type EndClass = (typeof END_CLASSES)[number];

export interface LegEnd {
  /** Q.850 cause of ChannelDestroyed. */
  cause: number;
  /** SIP status of the final response, where one came. */
  techCause: string | null;
  answered: boolean;
  /** Our own side asked for the end. */
  hungUpByUs: boolean;
}

/** SIP statuses that say more than the Q.850 cause they are mapped to. */
const BY_SIP_STATUS: Readonly<Record<string, EndClass>> = {
  401: 'trunk_fault',
  403: 'trunk_fault',
  404: 'dead_number',
  407: 'trunk_fault',
  408: 'no_answer',
  410: 'dead_number',
  480: 'no_answer',
  484: 'dead_number',
  486: 'busy',
  487: 'no_answer',
  500: 'failed',
  502: 'failed',
  503: 'congestion',
  504: 'failed',
  600: 'busy',
  603: 'declined',
  604: 'dead_number',
  607: 'declined',
  608: 'declined',
};

/** Q.850, as far as Asterisk tells causes apart. */
const BY_CAUSE: Readonly<Record<number, EndClass>> = {
  1: 'dead_number',
  2: 'dead_number',
  3: 'dead_number',
  17: 'busy',
  18: 'no_answer',
  19: 'no_answer',
  20: 'no_answer',
  21: 'declined',
  22: 'dead_number',
  27: 'failed',
  28: 'dead_number',
  34: 'congestion',
  38: 'failed',
  41: 'failed',
  42: 'congestion',
  44: 'congestion',
  47: 'congestion',
  58: 'failed',
  88: 'failed',
  127: 'failed',
};

/**
 * The class of a leg's end, by cause and SIP status and never by the dial status, which hides both. Ring time-out is cause
 * 19; a far end that hangs up an answered call without a reason gives 0; a redirect (3xx) is not followed and gives 23.
 */
export function classifyEnd(end: LegEnd): EndClass {
  if (end.answered) return 'normal';
  const status = end.techCause ?? '';
  // What the far end says is no key of ours: `toString` would find a function.
  const bySip = Object.hasOwn(BY_SIP_STATUS, status) ? BY_SIP_STATUS[status] : undefined;
  if (bySip !== undefined && !(end.hungUpByUs && status === '487')) return bySip;
  if (/^3\d\d$/.test(status) || end.cause === 23) return 'failed';
  if (end.hungUpByUs) return 'cancelled';
  const byCause = BY_CAUSE[end.cause];
  if (byCause !== undefined) return byCause;
  if (/^[456]\d\d$/.test(status)) return 'failed';
  return 'unknown';
}
