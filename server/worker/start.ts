import { DelayedError, Worker, type Job, type Queue } from 'bullmq';
import { createDatabase, createPool } from '../kernel/database.ts';
import { createJobQueue, JOB_QUEUE, JOBS, type JobHandlers, type JobName } from '../kernel/jobs.ts';
import type { Logger } from '../kernel/log.ts';
import { NEWS } from '../kernel/news.ts';
import { createRedis } from '../kernel/redis.ts';
import type { RoleContext, RunningRole } from '../kernel/role.ts';
import { historyFolder, readHistoryKey } from '../kernel/seal/keys.ts';
import { publish } from '../kernel/streams.ts';
import { createHandlers, giveUp, type WorkerServices } from './handlers.ts';
import { sendOutbox } from './outbox.ts';
import { demoteDebtors } from './demote.ts';
import { promoteDebtors } from './promote.ts';
import { sealHistory } from './seal.ts';

const JOBS_AT_ONCE = 2;
/** A worker that has not renewed its hold on a job for this long is dead; another takes the job. */
const LOCK_MS = 10_000;
const LOOK_FOR_DEAD_MS = 5_000;
/** How often one job may outlive its worker. */
const MOST_DEATHS = 20;
const RETRY_AFTER_STOP_MS = 500;

/** Chores, by UTC. A day's head is due at midnight; looking again each hour makes up for a worker that was not there. */
const CHORES = {
  'partitions.ensure': '0 3 * * *',
  'sessions.forget': '30 3 * * *',
  'retention.erase': '0 4 * * *',
  'scores.refresh': '0 1 * * *',
  'rules.begin': '*/5 * * * *',
  'hours.refresh': '0 * * * *',
  'do_not_call.expire': '2,17,32,47 * * * *',
  'history.head': '1 * * * *',
} as const satisfies Partial<Record<JobName, string>>;

/** Starts the worker role: it sends what waits in the outbox and does the jobs. */
export async function startWorker(context: RoleContext): Promise<RunningRole> {
  const { log } = context;
  const pool = createPool(context.databaseUrl, { max: 8, applicationName: 'wusul worker' });
  const database = createDatabase(pool);
  const redis = createRedis(context.redisUrl);
  const queue = createJobQueue(context.redisUrl);
  const stopping = new AbortController();
  const services: WorkerServices = {
    pool,
    database,
    signal: stopping.signal,
    history: historyFolder(context.dataDir, context.historyKeyFile),
    async announce(message) {
      try {
        await publish(redis, NEWS, message);
      } catch {
        log.warn({ type: message.type }, 'the web processes could not be told');
      }
    },
  };
  // A key that cannot be used is told at the start, not at midnight.
  readHistoryKey(services.history);
  const handlers = createHandlers(services);
  const worker = new Worker(JOB_QUEUE, (job, token) => perform(job, token ?? '', handlers, services, log), {
    connection: { url: context.redisUrl, maxRetriesPerRequest: null },
    concurrency: JOBS_AT_ONCE,
    lockDuration: LOCK_MS,
    stalledInterval: LOOK_FOR_DEAD_MS,
    maxStalledCount: MOST_DEATHS,
  });
  worker.on('error', () => {
    // Redis is away; the worker reconnects by itself.
  });
  const outbox = sendOutbox(database, queue, log);
  const sealing = sealHistory(database, log);
  const promoting = promoteDebtors(database, log);
  const demoting = demoteDebtors(database, log);
  void scheduleChores(queue, log);
  return {
    async stop() {
      stopping.abort();
      await Promise.all([outbox.stop(), sealing.stop(), promoting.stop(), demoting.stop()]);
      await worker.close();
      await queue.close();
      await database.destroy();
      redis.disconnect();
    },
  };
}

async function perform(job: Job, token: string, handlers: JobHandlers, services: WorkerServices, log: Logger): Promise<void> {
  if (!isJob(job.name)) throw new Error('A job of an unknown name');
  try {
    await handle(handlers, job.name, job);
  } catch (error) {
    if (services.signal.aborted) {
      // Not a failure: another worker goes on at once.
      await job.moveToDelayed(Date.now() + RETRY_AFTER_STOP_MS, token);
      throw new DelayedError();
    }
    const last = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    log.error({ job: job.name, jobId: job.id, last, fault: error instanceof Error ? error.name : 'unknown' }, 'job failed');
    if (last) await giveUp(services, job.name, job.data, error);
    throw error;
  }
}

function handle(handlers: JobHandlers, name: JobName, job: Job): Promise<void> {
  const payload = JOBS[name].parse(job.data);
  // The map's type ties each handler to its payload's schema, which has just been applied; a union of both loses the tie.
  const handler = handlers[name] as (given: typeof payload, progress: (value: object) => Promise<void>) => Promise<void>;
  return handler(payload, (value) => job.updateProgress(value).catch(() => undefined));
}

function isJob(name: string): name is JobName {
  return Object.hasOwn(JOBS, name);
}

async function scheduleChores(queue: Queue, log: Logger): Promise<void> {
  try {
    for (const [name, pattern] of Object.entries(CHORES)) {
      await queue.upsertJobScheduler(name, { pattern, tz: 'UTC' }, { name, data: {} });
    }
  } catch {
    log.warn('daily chores could not be scheduled; the next start does it');
  }
}
