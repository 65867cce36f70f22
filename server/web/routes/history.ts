import { Gauge } from 'prom-client';
import { z } from 'zod';
import { Refusal } from '../../kernel/errors.ts';
import { exportedHead, listHeads } from '../../kernel/seal/heads.ts';
import { receipt, receiptOf } from '../../kernel/seal/receipt.ts';
import { unsealedAgeSeconds } from '../../kernel/seal/store.ts';
import type { App } from '../app.ts';
import type { WebServices } from '../services.ts';

/** A year and a month of days. */
const HEADS_SHOWN = 400;

const byEvent = z.object({ id: z.string().regex(/^\d{1,18}$/) });

/** The sealed history: its signed heads, receipts of single events, and the age of what is not sealed yet. */
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
