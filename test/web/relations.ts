import { join } from 'node:path';
import { sql } from 'kysely';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ByHandEffect } from '../../server/contract/by-hand.ts';
import type { DebtorRecord } from '../../server/contract/debtors.ts';
import { undoImport } from '../../server/debtors/import/undo.ts';
import { createPool } from '../../server/kernel/database.ts';
import { followRelations } from '../../server/queue/listed-relations.ts';
import { lockPeople } from '../../server/queue/locks.ts';
import { enrolImported } from '../../server/worker/enrol-imported.ts';
import { importFile, scratchFolder } from '../debtors/lists.ts';
import type { TestWeb } from '../support/web.ts';
import { ALWAYS, NUMBER, type OneDebtor } from './one-debtor.ts';

/** What is told of relations, of the debtor that the other sentences by hand use. */
export function whoElseStandsForADebt(sceneOf: () => OneDebtor): void {
  describe('who else stands for a debt', () => {
    let web: TestWeb;
    let supervisor: string;
    let partyId: string;
    let campaignId: string;
    let debtIds: string[];
    let tell: OneDebtor['tell'];
    let lastEvent: OneDebtor['lastEvent'];
    beforeAll(() => {
      ({ web, supervisor, partyId, campaignId, debtIds, tell, lastEvent } = sceneOf());
    });

    const partner = { role: 'guarantor', name: ' Omar  Nabil ', number: '٠٥٠١٢٣٠٠٧٧', identity: '1835892462' };
    const others = (answer: { body: object }) =>
      (answer.body as ByHandEffect).record.debts.find((debt) => debt.id === debtIds[0])?.others ?? [];

    test('is called about that debt alone, is one person whichever debtor names them, and is let go again', async () => {
      const debtId = debtIds[0] ?? '';
      await web.database
        .insertInto('campaign_debt')
        .values({ campaign_id: campaignId, debt_id: debtId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const added = await tell('relations', { debtId, ...partner });
      expect(added.status).toBe(200);
      const [other] = others(added);
      expect(other).toMatchObject({ name: 'Omar Nabil', role: 'guarantor' });
      const relatedId = other?.partyId ?? '';
      const placed = await web.database
        .selectFrom('dial_queue')
        .select(['campaign_id', 'state'])
        .where('party_id', '=', relatedId)
        .execute();
      expect(placed).toEqual([{ campaign_id: campaignId, state: 'ready' }]);
      expect(await lastEvent('relation.added')).toMatchObject({ debtId, relatedId, role: 'guarantor' });
      const theirs = (await web.ask(supervisor, 'GET', `/api/v1/debtors/${relatedId}`)).body as unknown as DebtorRecord;
      expect(theirs.debts).toMatchObject([{ id: debtId, role: 'guarantor', others: [{ partyId, role: 'debtor' }] }]);
      expect(await tell('relations', { debtId, ...partner, role: 'co_debtor' })).toMatchObject({
        status: 409,
        body: { code: 'already_related' },
      });
      expect(others(await tell('relations', { debtId: debtIds[1], ...partner, name: 'O. Nabil', number: '' }))).toHaveLength(1);

      expect(others(await tell(`relations/${relatedId}/remove`, { debtId }))).toEqual([]);
      expect(await tell(`relations/${relatedId}/remove`, { debtId })).toMatchObject({
        status: 404,
        body: { code: 'not_related' },
      });
      expect(await tell(`relations/${partyId}/remove`, { debtId })).toMatchObject({ body: { code: 'not_related' } });
      await tell(`relations/${relatedId}/remove`, { debtId: debtIds[1] });
      const left = await web.database
        .selectFrom('dial_queue')
        .select(['state', 'reason'])
        .where('party_id', '=', relatedId)
        .execute();
      expect(left).toEqual([{ state: 'done', reason: 'no_open_debt' }]);
    });

    test('is never called as an attorney, who stops contact about the debt where a pack asks it, until they are gone', async () => {
      const debtId = debtIds[0] ?? '';
      const attorney = { debtId, role: 'attorney', name: 'Counsel' };
      const kindsHeld = async () => {
        const held = web.database
          .selectFrom('hold')
          .select(['kind', 'debt_id'])
          .where('party_id', '=', partyId)
          .where('released_at', 'is', null);
        return held.execute();
      };
      const unasked = await tell('relations', attorney);
      expect([others(unasked).length, await kindsHeld()]).toEqual([1, []]);
      await tell(`relations/${others(unasked)[0]?.partyId}/remove`, { debtId });

      const asks = {
        id: 'SA',
        version: 2,
        reason: 'for a test',
        effectiveFrom: '2026-01-01',
        rules: {
          countries: ['SA'],
          hours: ALWAYS,
          recordedSoundNeedsConsent: ['mobile'],
          holds: [{ flag: 'attorney_represented', blocks: 'all', evidence: 'V2' }],
        },
      };
      expect(await web.ask(await web.cookieOf('root'), 'POST', '/api/v1/rule-packs', asks)).toMatchObject({ status: 201 });
      const represented = await tell('relations', attorney);
      expect(await kindsHeld()).toEqual([{ kind: 'attorney_represented', debt_id: debtId }]);
      const relatedId = others(represented)[0]?.partyId ?? '';
      expect(await web.database.selectFrom('dial_queue').select('state').where('party_id', '=', relatedId).execute()).toEqual([]);
      await tell(`relations/${relatedId}/remove`, { debtId });
      expect(await kindsHeld()).toEqual([]);
    });

    test('is called, or stops calls, the same where a list says it, until the list is taken back', async () => {
      const debtId = debtIds[0] ?? '';
      const scratch = scratchFolder();
      const said = (related: string) =>
        scratch.file(
          'list.csv',
          `Account,Name,National ID,Phone,Amount,Due date,Address,Guarantor,Guarantor phone,Attorney\nA-1,Salma Nabil,1000000008,${NUMBER},100,2025/01/31,Riyadh,${related}\n`,
        );
      const { creditor_id: creditorId } = await web.database
        .selectFrom('debt')
        .select('creditor_id')
        .where('id', '=', debtId)
        .executeTakeFirstOrThrow();
      const pool = createPool(web.databaseUrl, { max: 3 });
      const fresh = { pool, database: web.database };
      const hooks = { afterMerge: enrolImported, afterRelate: followRelations, lockPeople };
      const guarantor = async () => {
        const { rows } = await sql<{ state: string; reason: string | null }>`
        select q.state, q.reason from dial_queue q join party on party.id = q.party_id where folded_name = 'majid'`.execute(
          web.database,
        );
        return rows;
      };
      const held = () =>
        web.database
          .selectFrom('hold')
          .select(['kind', 'debt_id', 'created_by'])
          .where('party_id', '=', partyId)
          .where('released_at', 'is', null)
          .execute();
      try {
        const request = {
          profile: 'sa-bank',
          options: { calendar: 'gregorian' } as const,
          campaignId,
          creditorId,
          errorsPath: join(scratch.path, 'errors.csv'),
        };
        await importFile(fresh, said('Majid,0501230099,Counsel'), request, hooks);
        expect(await guarantor()).toEqual([{ state: 'ready', reason: null }]);
        expect(await held()).toEqual([{ kind: 'attorney_represented', debt_id: debtId, created_by: null }]);
        expect(await lastEvent('hold.placed')).toMatchObject({ kind: 'attorney_represented', debtId });
        const { id: importId } = await web.database
          .selectFrom('import')
          .select('id')
          .orderBy('id', 'desc')
          .executeTakeFirstOrThrow();
        const { id: userId } = await web.database
          .selectFrom('app_user')
          .select('id')
          .where('login', '=', 'root')
          .executeTakeFirstOrThrow();
        await undoImport({ ...fresh, importId, ...hooks }, userId);
        expect(await guarantor()).toEqual([{ state: 'done', reason: 'no_open_debt' }]);
        expect(await held()).toEqual([]);
      } finally {
        await pool.end();
        scratch.remove();
      }
    });

    test('must be somebody, for a debt of the debtor’s, with what may be called', async () => {
      const debtId = debtIds[0];
      for (const [body, field] of [
        [{ debtId, ...partner, name: ' 12 ' }, 'name'],
        [{ debtId, ...partner, number: '12' }, 'number'],
        [{ debtId, ...partner, identity: '1835892463' }, 'identity'],
        [{ ...partner, debtId: '019aa000-0000-7000-8000-000000000000' }, 'debtId'],
        [{ debtId, ...partner, role: 'debtor' }, 'role'],
      ] as const) {
        expect(await tell('relations', body)).toMatchObject({ status: 400, body: { field } });
      }
    });
  });
}
