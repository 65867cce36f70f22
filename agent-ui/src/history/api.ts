import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { historyPage, receiptShown, sealState, type HistoryFilter } from '../../../server/contract/history.ts';
import { ask } from '../connection/http.ts';

const SEAL_LOOK_MS = 3_000;

/** The events of a filter, page by page, newest first. */
export function eventsQuery(filter: HistoryFilter) {
  return infiniteQueryOptions({
    queryKey: ['history', filter],
    queryFn: ({ pageParam }) => ask('GET', `/history/events?${searchOf(filter, pageParam)}`, historyPage),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
    // Sealing is a second behind.
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.events.some((event) => !event.sealed)) ? SEAL_LOOK_MS : false,
  });
}

function searchOf(filter: HistoryFilter, before: string | null): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) search.set(name, value);
  if (filter.until !== undefined) search.set('zone', Intl.DateTimeFormat().resolvedOptions().timeZone);
  if (before !== null) search.set('before', before);
  return search.toString();
}

export const sealQuery = queryOptions({
  queryKey: ['history', 'seal'],
  queryFn: () => ask('GET', '/history/seal', sealState),
  refetchInterval: 5_000,
});

/** The proof of one event, as far as it is shown. */
export function receiptQuery(id: string) {
  return queryOptions({
    queryKey: ['history', 'receipt', id],
    queryFn: () => ask('GET', `/history/receipts/${id}`, receiptShown),
  });
}
