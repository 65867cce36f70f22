import type { Kysely } from 'kysely';
import type { SealState } from '../contract/history.ts';
import type { Schema } from '../kernel/schema.ts';
import { headStatement } from '../kernel/seal/heads.ts';
import { unsealedAgeSeconds } from '../kernel/seal/store.ts';

/** How far the history is sealed and signed. Indexes: history_batch_pkey, history_head_pkey. */
export async function readSealState(database: Kysely<Schema>): Promise<SealState> {
  const batch = await database
    .selectFrom('history_batch')
    .select(['number', 'sealed_at', 'total'])
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  const head = await database.selectFrom('history_head').select('statement').orderBy('day', 'desc').limit(1).executeTakeFirst();
  const { heads } = await database
    .selectFrom('history_head')
    .select((of) => of.fn.countAll<bigint>().as('heads'))
    .executeTakeFirstOrThrow();
  const said = head === undefined ? null : headStatement.parse(JSON.parse(head.statement));
  return {
    batch:
      batch === undefined
        ? null
        : { number: batch.number.toString(), sealedAt: batch.sealed_at.toString(), total: batch.total.toString() },
    unsealedSeconds: await unsealedAgeSeconds(database),
    head: said === null ? null : { day: said.day, total: said.total, key: said.key, hash: said.hash },
    heads: Number(heads),
  };
}
