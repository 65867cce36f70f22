import { z } from 'zod';
import { defineStream } from './streams.ts';

/** What processes tell every web process, so that it looks at the database sooner than its next poll. */
export const news = z.discriminatedUnion('type', [
  /** Progress, result or failure of an import. */
  z.object({ type: z.literal('import'), id: z.uuid() }),
  /** Sign-in sessions of a user have ended. */
  z.object({ type: z.literal('sessions'), userId: z.uuid() }),
  /** A console took an agent's desk; others that show it become read-only. */
  z.object({ type: z.literal('desk_taken'), agentId: z.uuid(), tab: z.string() }),
]);
export type News = z.infer<typeof news>;

/** One stream for all web processes. */
export const NEWS = defineStream('web:news', news, 1_000);
