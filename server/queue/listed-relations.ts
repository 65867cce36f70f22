/** What follows for queues and holds when a list says who else stands for debts. */
import { sql, type Kysely } from 'kysely';
import type { Related } from '../debtors/import/related/take.ts';
import type { Schema } from '../kernel/schema.ts';
import { holdForAttorney, releaseForAttorney } from './attorney.ts';
import { judgeAnew } from './by-hand.ts';
import { callOff } from './call-off.ts';
import { enrolDebtors } from './enrol.ts';
import { refreshQueues } from './refresh.ts';

/** In the history, a list's doing is the import's. */
const ACTOR = 'import';

/**
 * Co-debtors and guarantors stand in the queues of the campaigns that work their debts, and leave where they stand for none any more; an
 * attorney who comes or goes stops or frees contact with the debtor, as when people write it by hand. In the transaction that wrote the
 * relations and under the locks of everybody concerned.
 */
export async function followRelations({ debtIds, moved }: Related, transaction: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ campaign: string; people: string[] }>`
    select c.id as campaign, array_agg(distinct link.party_id)::text[] as people
    from debt_party link join campaign_debt worked on worked.debt_id = link.debt_id join campaign c on c.id = worked.campaign_id
    where link.debt_id = any(${debtIds}::uuid[]) and link.role in ('co_debtor', 'guarantor') and c.state <> 'ended'
    group by c.id order by c.id`.execute(transaction);
  for (const { campaign, people } of rows) await enrolDebtors(transaction, campaign, { partyIds: people });
  const gone = moved.filter((each) => each.moved === 'removed' && each.role !== 'attorney').map((each) => each.partyId);
  if (gone.length > 0) {
    await refreshQueues(transaction, gone);
    await callOff(transaction, { partyIds: gone, actor: ACTOR });
  }
  await followAttorneys(
    transaction,
    moved.filter((each) => each.role === 'attorney'),
  );
}

async function followAttorneys(transaction: Kysely<Schema>, moved: Related['moved']): Promise<void> {
  const debtIds = [...new Set(moved.map((each) => each.debtId))];
  if (debtIds.length === 0) return;
  const debtors = await transaction
    .selectFrom('debt_party')
    .select(['debt_id as debtId', 'party_id as partyId'])
    .where('debt_id', 'in', debtIds)
    .where('role', '=', 'debtor')
    .orderBy('party_id')
    .execute();
  const represented = new Set(moved.filter((each) => each.moved === 'added').map((each) => each.debtId));
  for (const debtor of debtors) {
    const { debtId, partyId } = debtor;
    await releaseForAttorney(transaction, { ...debtor, actor: ACTOR });
    if (represented.has(debtId)) await holdForAttorney(transaction, { ...debtor, actor: ACTOR, userId: null });
    await judgeAnew(transaction, { partyId, userId: ACTOR });
    await callOff(transaction, { partyIds: [partyId], actor: ACTOR });
  }
}
