import type { Pool } from 'pg';
import { sql } from 'kysely';
import { forgetOldSessions } from '../access/store.ts';
import { listCampaigns } from '../campaigns/store.ts';
import { endTrial } from '../campaigns/trials.ts';
import { judgeBegun } from '../compliance/store.ts';
import { writeFailure } from '../debtors/import/imports.ts';
import { runImport } from '../debtors/import/run.ts';
import { undoImport } from '../debtors/import/undo.ts';
import { proposeMatches } from '../debtors/matching/proposals.ts';
import type { Database } from '../kernel/database.ts';
import { Refusal } from '../kernel/errors.ts';
import type { JobHandlers } from '../kernel/jobs.ts';
import type { News } from '../kernel/news.ts';
import { exportHeads, signHeads } from '../kernel/seal/heads.ts';
import { readHistoryKey, type HistoryFolder } from '../kernel/seal/keys.ts';
import { deleteOldVoicemails } from '../insight/voicemails.ts';
import { refreshBands } from '../queue/bands.ts';
import { heedOptOut } from '../queue/do-not-call/heed-opt-out.ts';
import { liftDoNotCallList } from '../queue/do-not-call/lift.ts';
import { readExpiredLists, writeListFailure } from '../queue/do-not-call/store.ts';
import { takeDoNotCallList } from '../queue/do-not-call/take.ts';
import { refreshHours } from '../queue/hours.ts';
import { followRelations } from '../queue/listed-relations.ts';
import { lockPeople } from '../queue/locks.ts';
import { rescoreCampaign } from '../queue/rescore.ts';
import { wakeRefused } from '../queue/wake.ts';
import { learnHours } from '../scoring/store.ts';
import { enrolImported } from './enrol-imported.ts';
import { eraseExpired } from './retention.ts';
import { playTrial } from './trial.ts';

/** Months of partitions that stand ready. */
const MONTHS_AHEAD = 13;

/** What imports, and taking them back, do to the queues. */
const afterwards = { afterMerge: enrolImported, afterRelate: followRelations };

/** What the handlers stand on. */
export interface WorkerServices {
  pool: Pool;
  database: Database;
  /** Tells the web processes; a failure is the caller's to swallow. */
  announce: (message: News) => Promise<void>;
  /** Aborted when the worker stops: long jobs end between two batches and go on in another worker. */
  signal: AbortSignal;
  history: HistoryFolder;
}

/** Every job's handler. Each may run again after a worker's death: imports go on after their last batch, the others change nothing. */
export function createHandlers({ pool, database, announce, signal, history }: WorkerServices): JobHandlers {
  return {
    async 'import.run'({ importId }, progress) {
      try {
        await runImport({
          pool,
          database,
          importId,
          signal,
          ...afterwards,
          lockPeople,
          onProgress(value) {
            void progress(value);
            void announce({ type: 'import', id: importId });
          },
        });
        await proposeMatches(database, importId);
      } catch (error) {
        // The import has its end with its reason: trying again would find the same.
        if (!(error instanceof Refusal)) throw error;
      }
      await announce({ type: 'import', id: importId });
    },
    async 'import.undo'({ importId, userId }) {
      await unlessRefused(() => undoImport({ pool, database, importId, lockPeople, ...afterwards }, userId));
      await announce({ type: 'import', id: importId });
    },
    async 'opt_out.heed'({ callId }) {
      await heedOptOut(database, callId);
    },
    async 'do_not_call.take'({ listId }) {
      await unlessRefused(() => takeDoNotCallList({ pool, database, listId, signal }));
    },
    async 'do_not_call.lift'({ listId, userId }) {
      await unlessRefused(() => liftDoNotCallList({ pool, database, listId, signal }, userId));
    },
    async 'do_not_call.expire'() {
      for (const listId of await readExpiredLists(database)) {
        await unlessRefused(() => liftDoNotCallList({ pool, database, listId, signal }, null));
      }
    },
    async 'campaign.requeue'({ campaignId }) {
      await wakeRefused(database, campaignId, signal);
    },
    async 'campaign.bands'({ campaignId }) {
      await refreshBands(database, campaignId, signal);
    },
    async 'rules.begin'() {
      await judgeBegun(database);
    },
    async 'campaign.rescore'({ campaignId }, progress) {
      await rescoreCampaign(database, campaignId, { signal, onProgress: (step) => void progress(step) });
    },
    async 'scores.refresh'() {
      await learnHours(database);
      for (const { id, state } of await listCampaigns(database)) {
        if (state !== 'running' && state !== 'paused') continue;
        await rescoreCampaign(database, id, { anew: true, signal });
        await refreshBands(database, id, signal);
      }
    },
    async 'hours.refresh'() {
      for (const { id, state } of await listCampaigns(database)) {
        if (state === 'running') await refreshHours(database, id, { signal });
      }
    },
    async 'retention.erase'() {
      await eraseExpired(database, { signal });
      await deleteOldVoicemails(database, Temporal.Now.instant());
    },
    async 'pacing.trial'({ trialId }) {
      await playTrial(database, trialId, signal);
    },
    async 'partitions.ensure'() {
      await sql`select ensure_month_partitions(${MONTHS_AHEAD})`.execute(database);
    },
    async 'sessions.forget'() {
      await forgetOldSessions(database);
    },
    async 'history.head'() {
      await signHeads(database, readHistoryKey(history), Temporal.Now.plainDateISO('UTC').toString());
      await exportHeads(database, history.headsFolder);
    },
  };
}

/** What is refused has its end with its reason: trying again would find the same. */
async function unlessRefused(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** Ends what a job was to do once it has failed for the last time. */
export async function giveUp(services: WorkerServices, job: string, payload: unknown, error: unknown): Promise<void> {
  if (job === 'pacing.trial') await endTrial(services.database, (payload as { trialId: string }).trialId, null);
  if (job === 'do_not_call.take') await writeListFailure(services.database, (payload as { listId: string }).listId, error);
  if (job !== 'import.run') return;
  const { importId } = payload as { importId: string };
  await writeFailure(services.database, importId, error);
  await services.announce({ type: 'import', id: importId });
}
