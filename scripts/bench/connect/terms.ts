import { z } from 'zod';

/** What the bench and its bare loop say to each other. */

export const order = z.discriminatedUnion('type', [
  /** Make these stations known to the switch; answered by `provisioned`. */
  z.object({
    type: z.literal('provision'),
    access: z.object({ url: z.string(), user: z.string(), password: z.string() }),
    stations: z.array(z.object({ stationId: z.string(), secret: z.string() })),
  }),
  /** Call every station into a bridge of its own; answered by `standing`. */
  z.object({ type: z.literal('stand') }),
  /** Call debtors at a steady rate and join each to a free station; answered by `ran` when the last has hung up. */
  z.object({ type: z.literal('run'), prefix: z.string(), endpoint: z.string(), calls: z.number(), callsPerSecond: z.number() }),
]);
export type Order = z.infer<typeof order>;

export const answer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('provisioned') }),
  z.object({ type: z.literal('standing') }),
  /** User and system CPU of the loop's process while it ran. */
  z.object({ type: z.literal('ran'), cpuMs: z.number(), connected: z.number() }),
]);
export type Answer = z.infer<typeof answer>;
