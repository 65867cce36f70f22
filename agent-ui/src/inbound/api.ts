import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import { inboundList } from '../../../server/contract/inbound.ts';
import { queries } from '../admin/api.ts';
import { ask } from '../connection/http.ts';

const EVERY_MS = 10_000;
const nothing = z.unknown();

/** The newest calls that came in; asked for again while the page is open. */
export const inboundQuery = queryOptions({
  queryKey: ['inbound'],
  queryFn: () => ask('GET', '/inbound-calls', inboundList),
  refetchInterval: EVERY_MS,
});

/** Where a voice message is heard. */
export function voicemailAddress(callId: string): string {
  return `/api/v1/inbound-calls/${callId}/voicemail`;
}

/** Notes that somebody has seen to a call. */
export async function handleCall(callId: string): Promise<void> {
  await ask('POST', `/inbound-calls/${callId}/handled`, nothing);
  await queries.invalidateQueries({ queryKey: inboundQuery.queryKey });
}

/** Has a debtor of the demo call the demo's number. */
export async function letDemoCall(): Promise<void> {
  await ask('POST', '/demo/callers', nothing);
}

/** Deletes a voice message for good. */
export async function deleteVoicemail(callId: string): Promise<void> {
  await ask('DELETE', `/inbound-calls/${callId}/voicemail`, nothing);
  await queries.invalidateQueries({ queryKey: inboundQuery.queryKey });
}
