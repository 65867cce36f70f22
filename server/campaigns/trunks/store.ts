import { sql, type Kysely } from 'kysely';
import type { TrunkRow } from '../../contract/trunks.ts';
import type { Schema } from '../../kernel/schema.ts';
import { proofOf } from './rules.ts';

type Store = Kysely<Schema>;

/** Stands for everything a trunk is set to: a test call speaks for these settings and no others. */
export const TRUNK_DIGEST = sql<string>`encode(sha256(convert_to(
  concat_ws(E'\n', trunk.kind, trunk.uri, trunk.channel_limit, trunk.calls_per_second, trunk.account_digest), 'UTF8')), 'hex')`;

/** Every trunk by name, each with what its test calls say of it. Index: trunk_test_latest. */
export async function listTrunks(database: Store): Promise<TrunkRow[]> {
  return (await trunks(database).execute()).map(trunkOf);
}

/** One trunk, or null. */
export async function readTrunk(database: Store, name: string): Promise<TrunkRow | null> {
  const row = await trunks(database).where('name', '=', name).executeTakeFirst();
  return row ? trunkOf(row) : null;
}

/** Locks a trunk until the transaction ends, so that its settings stay what they are; null when there is none of this name. */
export async function lockTrunk(transaction: Store, name: string): Promise<(TrunkRow & { digest: string }) | null> {
  const locked = await transaction
    .selectFrom('trunk')
    .select(TRUNK_DIGEST.as('digest'))
    .where('name', '=', name)
    .forUpdate()
    .executeTakeFirst();
  if (!locked) return null;
  const trunk = await readTrunk(transaction, name);
  return trunk && { ...trunk, digest: locked.digest };
}

/** Arms or disarms a trunk. */
export async function writeArmed(database: Store, name: string, armed: boolean): Promise<void> {
  await database
    .updateTable('trunk')
    .set({ armed, updated_at: sql<string>`clock_timestamp()` })
    .where('name', '=', name)
    .execute();
}

type TrunkColumns = Awaited<ReturnType<ReturnType<typeof trunks>['execute']>>[number];

function trunks(database: Store) {
  return database
    .selectFrom('trunk')
    .select(['name', 'kind', 'armed', 'channel_limit', 'calls_per_second'])
    .select([
      sql<Temporal.Instant>`clock_timestamp()`.as('now'),
      sql<Temporal.Instant | null>`(select max(t.ended_at) from trunk_test t
        where t.trunk = trunk.name and t.result = 'passed' and t.digest = ${TRUNK_DIGEST})`.as('passed_at'),
      sql<boolean>`exists (select from trunk_test t where t.trunk = trunk.name and t.result = 'passed')`.as('ever_passed'),
    ])
    .orderBy('name');
}

function trunkOf(row: TrunkColumns): TrunkRow {
  const tested = { kind: row.kind, passedAt: row.passed_at, everPassed: row.ever_passed };
  const { proof, provenUntil } = proofOf(tested, row.now);
  return {
    name: row.name,
    kind: row.kind,
    armed: row.armed,
    channelLimit: row.channel_limit,
    callsPerSecond: Number(row.calls_per_second),
    proof,
    provenUntil: provenUntil?.toString() ?? null,
  };
}
