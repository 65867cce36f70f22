import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { matchList, mergeDone } from '../../../server/contract/matching.ts';
import { queries } from '../admin/api.ts';
import { ask } from '../connection/http.ts';

const nothing = z.unknown();

export const matchesQuery = queryOptions({
  queryKey: ['matches'],
  queryFn: () => ask('GET', '/match-proposals', matchList),
});

/** Makes two people one; whoever is not kept passes everything to them. Returns how many ringing calls were ended for it. */
export async function mergePair(proposalId: string, keptId: string): Promise<number> {
  const { calledOff } = await ask('POST', `/match-proposals/${proposalId}/merge`, mergeDone, { body: { keptId } });
  await changed();
  return calledOff;
}

/** Notes for good that two people are two. */
export async function keepApart(proposalId: string): Promise<void> {
  await ask('POST', `/match-proposals/${proposalId}/reject`, nothing, { body: {} });
  await changed();
}

/** Makes one person two again. */
export async function undoMerge(mergeId: string): Promise<void> {
  await ask('POST', `/person-merges/${mergeId}/undo`, nothing, { body: {} });
  await changed();
}

async function changed(): Promise<void> {
  await queries.invalidateQueries({ queryKey: matchesQuery.queryKey });
  await queries.invalidateQueries({ queryKey: ['debtors'] });
}
