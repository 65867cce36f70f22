import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { trunkEndpoint } from '../../../server/telephony/trunk.ts';

/**
 * From the answer to the agent's bridge for each debtor's leg of a trunk, in ms with three decimals: the switch stamps its record in
 * microseconds, and a bare bridge takes about one millisecond. Legs in the order of their answer, by id.
 */
export async function answerToBridge(
  recordFile: string,
  trunk: string,
): Promise<Map<string, { answeredMs: number; waitMs: number }>> {
  const text = await readFile(recordFile, 'utf8');
  const rows: unknown = parse(text, { relax_column_count: true, relax_quotes: true, skip_records_with_error: true });
  const answered = new Map<string, number>();
  const waits = new Map<string, { answeredMs: number; waitMs: number }>();
  const ours = `PJSIP/${trunkEndpoint(trunk)}-`;
  for (const row of Array.isArray(rows) ? rows : []) {
    const [type, stamp, legId, , channel] = (row as unknown[]).map(String);
    if (stamp === undefined || legId === undefined || !channel?.startsWith(ours)) continue;
    const atMs = Number(stamp) * 1_000;
    const answeredMs = answered.get(legId);
    if (type === 'ANSWER' && answeredMs === undefined) answered.set(legId, atMs);
    if (type === 'BRIDGE_ENTER' && answeredMs !== undefined && !waits.has(legId)) {
      waits.set(legId, { answeredMs, waitMs: Math.round((atMs - answeredMs) * 1_000) / 1_000 });
    }
  }
  return waits;
}
