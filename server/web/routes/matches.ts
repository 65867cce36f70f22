import { z } from 'zod';
import { matchList, mergeBody, mergeDone } from '../../contract/matching.ts';
import { mergePeople, readMerged, undoMerge, type QueueHooks } from '../../debtors/matching/merge.ts';
import { countProposals, listMerges, listProposals, readProposal, rejectProposal } from '../../debtors/matching/proposals.ts';
import { Refusal } from '../../kernel/errors.ts';
import { whenFreeOfCalls } from '../../queue/free-of-calls.ts';
import { lockPeople } from '../../queue/locks.ts';
import { refreshTogether } from '../../queue/refresh.ts';
import type { App } from '../app.ts';
import { signedIn } from '../guard.ts';
import type { WebServices } from '../services.ts';

const byId = z.object({ id: z.uuid() });
const hooks: QueueHooks = { lockPeople, afterMerge: refreshTogether };

/** People who may be one: proposals, merging, keeping apart, and taking a merge back. */
export function matchRoutes(app: App, { database, floor }: WebServices): void {
  const tell = (): Promise<unknown> => floor.tell({ type: 'changed', what: 'calls', id: floor.floorId });
  const config = { permission: 'matches.decide' } as const;

  app.get('/api/v1/match-proposals', { config, schema: { response: { 200: matchList } } }, async (request) => {
    const viewer = signedIn(request);
    const [counts, proposals, merges] = await Promise.all([
      countProposals(database, viewer),
      listProposals(database, viewer),
      listMerges(database, viewer),
    ]);
    return { ...counts, proposals, merges };
  });

  app.post(
    '/api/v1/match-proposals/:id/merge',
    { config, schema: { params: byId, body: mergeBody, response: { 200: mergeDone } } },
    async (request) => {
      const pair = await readProposal(database, request.params.id, signedIn(request));
      const { keptId } = request.body;
      if (!pair) throw unknownProposal();
      if (keptId !== pair.a && keptId !== pair.b)
        throw new Refusal('unknown_person', 'Choose one of the two.', { field: 'keptId', status: 422 });
      const goneId = keptId === pair.a ? pair.b : pair.a;
      const { userId } = signedIn(request);
      const { done, calledOff } = await whenFreeOfCalls(database, { partyIds: [keptId, goneId], userId, tell }, () =>
        mergePeople(database, hooks, { keptId, goneId, userId }),
      );
      return { mergeId: done, calledOff };
    },
  );

  app.post('/api/v1/match-proposals/:id/reject', { config, schema: { params: byId } }, async (request, reply) => {
    if (!(await rejectProposal(database, request.params.id, signedIn(request)))) throw unknownProposal();
    return reply.status(204).send();
  });

  app.post('/api/v1/person-merges/:id/undo', { config, schema: { params: byId } }, async (request, reply) => {
    const { id } = request.params;
    const { userId, demo } = signedIn(request);
    const partyIds = await readMerged(database, id);
    await whenFreeOfCalls(database, { partyIds, userId, tell }, () => undoMerge(database, hooks, id, { userId, demo }));
    return reply.status(204).send();
  });
}

function unknownProposal(): Refusal {
  return new Refusal('unknown_proposal', 'There is no such open proposal.', { field: 'id', status: 404 });
}
