import { Queue } from 'bullmq';
import { z } from 'zod';

/** Every job there is, with the shape of its payload. The worker must handle each: a missing handler does not compile. */
export const JOBS = {
  'import.run': z.object({ importId: z.uuid() }),
  /** A segment whose debtors go before others was changed: puts the campaign's queue in order anew. */
  'campaign.bands': z.object({ campaignId: z.uuid() }),
  /** An import is to be taken back. */
  'import.undo': z.object({ importId: z.uuid(), userId: z.uuid() }),
  /** Somebody asked not to be called on a number: those are to be found whom somebody was giving it just then. */
  'opt_out.heed': z.object({ callId: z.uuid() }),
  /** A list of numbers that are not to be called was uploaded. */
  'do_not_call.take': z.object({ listId: z.uuid() }),
  /** It is taken back. */
  'do_not_call.lift': z.object({ listId: z.uuid(), userId: z.uuid() }),
  /** Lists whose last day has ended hold no more. */
  'do_not_call.expire': z.object({}),
  /** A campaign's settings changed: judge those again whom the old settings refused. */
  'campaign.requeue': z.object({ campaignId: z.uuid() }),
  /** Rules that were written for a later day may have begun: whom the old ones refused is judged again. */
  'rules.begin': z.object({}),
  /** A campaign's scorecard changed: score its debtors anew. */
  'campaign.rescore': z.object({ campaignId: z.uuid() }),
  /** Each night: debts and payments age by themselves, and the hours at which people answer are learnt anew. */
  'scores.refresh': z.object({}),
  /** Erases what the law no longer wants kept. */
  'retention.erase': z.object({}),
  /** Each hour: queues go by how likely debtors answer at this hour. */
  'hours.refresh': z.object({}),
  /** Pacing settings are to be tried on a simulated floor. */
  'pacing.trial': z.object({ trialId: z.uuid() }),
  'partitions.ensure': z.object({}),
  'sessions.forget': z.object({}),
  /** Signs the head of each day that is over and exports it. */
  'history.head': z.object({}),
} as const;

export type JobName = keyof typeof JOBS;
export type JobPayload<Name extends JobName> = z.infer<(typeof JOBS)[Name]>;
export type JobHandlers = {
  [Name in JobName]: (payload: JobPayload<Name>, progress: (value: object) => Promise<void>) => Promise<void>;
};

/** One queue for all jobs; handlers are idempotent, so a job may run again after a worker's death. */
export const JOB_QUEUE = 'wusul-jobs';

/** The sending end of the job queue. The caller closes it. */
export function createJobQueue(redisUrl: string): Queue {
  const queue = new Queue(JOB_QUEUE, {
    connection: { url: redisUrl, maxRetriesPerRequest: 1 },
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000 },
      removeOnComplete: 1_000,
      removeOnFail: 1_000,
    },
  });
  queue.on('error', () => {
    // The outbox keeps what could not be sent.
  });
  return queue;
}
