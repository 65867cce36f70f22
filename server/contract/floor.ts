import { z } from 'zod';
import { LANGUAGES } from './people.ts';
import { desk, deskCommand, deskReply } from './desk.ts';
import { wallboard } from './wallboard.ts';

/** What `web` asks of the dialer that holds a floor, over the floor's command stream. */
export const floorCommand = z.discriminatedUnion('type', [
  /** An agent's command; answered by a `reply` event with the same id. */
  z.object({ type: z.literal('desk'), id: z.uuid(), agentId: z.uuid(), seq: z.number().int(), command: deskCommand }),
  /** Send the agent's desk as a `reply`; a console was opened. */
  z.object({ type: z.literal('desk_snapshot'), id: z.uuid(), agentId: z.uuid() }),
  /** Make the agent's station known to the switch, so that it can register; answered by a `reply`. */
  z.object({ type: z.literal('provision_station'), id: z.uuid(), agentId: z.uuid() }),
  /** Call a person who wants to hear whether a trunk works; the test's row tells what came of it. */
  z.object({
    type: z.literal('test_trunk'),
    testId: z.uuid(),
    trunk: z.string(),
    number: z.string(),
    callerId: z.string().nullable(),
    language: z.enum(LANGUAGES),
  }),
  /** Somebody looks at the wallboard: said again every few seconds. */
  z.object({ type: z.literal('watched') }),
  /** Have a debtor of the demo call this number of ours. */
  z.object({ type: z.literal('demo_caller'), campaignId: z.uuid(), number: z.string() }),
  /** Consoles that acknowledged a ping since the last such message: one a second from each web process. */
  z.object({ type: z.literal('alive'), agentIds: z.array(z.uuid()) }),
  /** Somebody said who answered a call that detection had judged: the ledger has it. */
  z.object({ type: z.literal('corrected'), campaignId: z.uuid(), was: z.enum(['human', 'machine']) }),
  /** Settings, state or agents of a campaign changed, or calls of the floor `id` were called off: read the database anew. */
  z.object({ type: z.literal('changed'), what: z.enum(['campaign', 'user', 'trunk', 'calls']), id: z.string() }),
]);
export type FloorCommand = z.infer<typeof floorCommand>;

/** What the dialer tells every web process. */
export const floorEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reply'), id: z.uuid(), reply: deskReply }),
  z.object({ type: z.literal('desk'), desk }),
  z.object({ type: z.literal('wallboard'), wallboard }),
  /** A dialer took the floor (anew): desks known so far are void, ask again. */
  z.object({ type: z.literal('taken'), floorId: z.string(), epoch: z.number().int() }),
]);
export type FloorEvent = z.infer<typeof floorEvent>;

/** Redis keys of a floor's two streams. */
export function floorCommandsKey(floorId: string): string {
  return `floor:${floorId}:commands`;
}
export function floorEventsKey(floorId: string): string {
  return `floor:${floorId}:events`;
}
