import { Gauge } from 'prom-client';
import { z } from 'zod';
import { isZone } from '../../compliance/zones.ts';
import { historyPage, historyQuery, sealState } from '../../contract/history.ts';
import { readHistoryPage } from '../../insight/history-page.ts';
import { Refusal } from '../../kernel/errors.ts';
import { exportedHead, listHeads } from '../../kernel/seal/heads.ts';
import { receipt, receiptOf } from '../../kernel/seal/receipt.ts';
import { readSealState } from '../../insight/seal-state.ts';
import { unsealedAgeSeconds } from '../../kernel/seal/store.ts';
import type { App } from '../app.ts';
import type { WebServices } from '../services.ts';

/** A year and a month of days. */
const HEADS_SHOWN = 400;

const byEvent = z.object({ id: z.string().regex(/^\d{1,18}$/) });

/** The sealed history: its events by page, its signed heads, receipts of single events, and the age of what is not sealed yet. */
export function historyRoutes(app: App, { database }: WebServices): void {
  const config = { permission: 'history.read' } as const;

  app.get('/api/v1/history/heads', { config, schema: { response: { 200: z.array(exportedHead) } } }, () =>
    listHeads(database, HEADS_SHOWN),
  );

  app.get(
    '/api/v1/history/receipts/:id',
    { config, schema: { params: byEvent, response: { 200: receipt } } },
    async (request) => {
      const found = await receiptOf(database, BigInt(request.params.id));
      if (found === null) throw new Refusal('not_sealed', 'There is no sealed event of this id.', { status: 404 });
      return found;
    },
  );

  app.get(
    '/api/v1/history/events',
    { config, schema: { querystring: historyQuery, response: { 200: historyPage } } },
    async (request) => {
      const { zone } = request.query;
      if (zone !== undefined && !isZone(zone)) {
        throw new Refusal('unknown_zone', 'There is no such time zone.', { field: 'zone', status: 400 });
      }
      return readHistoryPage(database, request.query);
    },
  );

  app.get('/api/v1/history/seal', { config, schema: { response: { 200: sealState } } }, () => readSealState(database));

  const age = new Gauge({
    name: 'wusul_history_unsealed_seconds',
    help: 'Age of the oldest event that is in no sealed batch yet; 0 when all are',
    registers: [app.metrics.registry],
    async collect() {
      try {
        age.set(await unsealedAgeSeconds(database));
      } catch {
        // Without its database this process still has figures of its own to tell.
        age.set(Number.NaN);
      }
    },
  });
}
