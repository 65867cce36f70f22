import { randomUUIDv7 } from 'node:crypto';
import { sql, type RawBuilder } from 'kysely';

/** Ids of version 7 made all at once: in a statement for thousands of rows drawing each by itself costs as much as inserting it. */
export interface IdRange {
  /** The id of a place (a whole number from 0 to 2⁴⁸, an expression of the statement); higher places sort behind lower ones. */
  at: (place: RawBuilder<unknown>) => RawBuilder<string>;
}

const LOW_BITS = 61n;

/**
 * A range of ids: the moment and the first random bits are those of one id, a new one unless it is given, the rest counts on from its last 61
 * bits, so that two ranges meet as good as never.
 */
export function idRange(from: string = randomUUIDv7()): IdRange {
  const hex = from.replaceAll('-', '');
  const head = `\\x${hex.slice(0, 16)}`;
  // Below the two bits of the variant (binary 10) one stays zero, into which counting may carry.
  const low = BigInt(`0x${hex.slice(16)}`) & ((1n << LOW_BITS) - 1n);
  const start = BigInt.asIntN(64, (1n << 63n) | low).toString();
  return { at: (place) => sql`encode(${head}::bytea || int8send(${start}::bigint + ${place}), 'hex')::uuid` };
}
