/**
 * Reads ahead what the next reservations of a campaign will ask about, where the database is larger than its server's memory: a reservation
 * that finds its pages there takes milliseconds, one that waits for the disk for each of some hundreds takes a tenth of a second.
 */
import { sql, type Kysely } from 'kysely';
import { named } from '../kernel/statements.ts';
import type { Schema } from '../kernel/schema.ts';
import { readFacts, type AskedPerson } from './facts.ts';

interface Ahead {
  /** Whether the database is larger than what its server keeps in memory, as last asked. */
  large: boolean;
  /** When to ask again, on the process's own clock. */
  askAtMs: number;
  /** Campaigns that are being looked at. */
  readonly underWay: Set<string>;
  /** By campaign who was next when it was looked at last, and need not be looked at again. */
  readonly looked: Map<string, ReadonlySet<string>>;
}

/** How many people, and how many days of their past. */
interface Span {
  count: number;
  days: number;
}

const ASK_EVERY_MS = 600_000;
const NOBODY: ReadonlySet<string> = new Set();
const known = new WeakMap<Kysely<Schema>, Ahead>();

/**
 * Looks at `count` of a campaign's people who come next, as a reservation of them would, without any lock; `days`: how far back their past
 * is judged. Does nothing in a database that fits into memory, nor while it is doing so already. What goes wrong is for the reservation to
 * tell, so that nobody need wait for it. Returns how many were looked at.
 */
export async function lookAhead(database: Kysely<Schema>, campaignId: string, span: Span): Promise<number> {
  if (database.isTransaction) return 0;
  let ahead = known.get(database);
  if (ahead === undefined) known.set(database, (ahead = { large: false, askAtMs: 0, underWay: new Set(), looked: new Map() }));
  const { underWay, looked } = ahead;
  if (underWay.has(campaignId)) return 0;
  underWay.add(campaignId);
  try {
    if (performance.now() >= ahead.askAtMs) {
      ahead.askAtMs = performance.now() + ASK_EVERY_MS;
      ahead.large = await isLarge(database);
    }
    if (!ahead.large) return 0;
    const { next, read } = await readAhead(database, campaignId, span, looked.get(campaignId));
    looked.set(campaignId, next);
    return read;
  } catch {
    // The reservation asks for the same in a moment.
    return 0;
  } finally {
    underWay.delete(campaignId);
  }
}

async function isLarge(database: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ large: boolean }>`
    select pg_database_size(current_database()) > pg_size_bytes(current_setting('shared_buffers')) as large`.execute(database);
  return rows[0]?.large ?? false;
}

/**
 * The same, however large the database is, without those who have been `looked` at already. Returns who is next, and how many of them were read.
 * Indexes: dial_queue_ready, and those that a reservation reads and writes.
 */
export async function readAhead(
  database: Kysely<Schema>,
  campaignId: string,
  { count, days }: Span,
  looked = NOBODY,
): Promise<{ next: ReadonlySet<string>; read: number }> {
  const { rows } = await sql<AskedPerson>`
    select party_id as "partyId", phone_id as "wishedPhoneId", phone_last as "phoneLast" from dial_queue where campaign_id = ${campaignId} and state = 'ready'
    order by band desc, standing desc, party_id limit ${sql.lit(count)}`.execute(database);
  const next = new Set(rows.map((row) => row.partyId));
  const asked = rows.filter((row) => !looked.has(row.partyId));
  const people = await readFacts(database, campaignId, asked, { now: null, begun: Temporal.Now.instant(), days });
  const partyIds = people.map((person) => person.partyId);
  // Where its writes will go.
  await sql`${named('look-ahead')}
    select (select count(*) from dial_queue where campaign_id = ${campaignId} and party_id = any(${partyIds}::uuid[])) as by_key,
      (select count(tries) from dial_queue where party_id = any(${partyIds}::uuid[])) as by_party`.execute(database);
  return { next, read: people.length };
}
