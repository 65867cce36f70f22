import { z } from 'zod';

/** Kinds of events that people look for. Others may come; they show under their own name. */
export const HISTORY_KINDS = [
  'attempt.reserved',
  'attempt.dialing',
  'attempt.ended',
  'outcome.recorded',
  'inbound.arrived',
  'inbound.connected',
  'inbound.confirmed',
  'inbound.callback_asked',
  'inbound.ended',
  'inbound.voicemail_played',
  'inbound.voicemail_deleted',
  'inbound.handled',
  'queue.refused',
  'queue.demoted',
  'incident.cut_without_message',
  'debtor.viewed',
  'hold.placed',
  'hold.released',
  'number.added',
  'number.retired',
  'number.placed',
  'consent.recorded',
  'preference.recorded',
  'preference.withdrawn',
  'warning.overridden',
  'warning.override_withdrawn',
  'callback.cancelled',
  'people.merged',
  'people.unmerged',
  'people.kept_apart',
  'campaign.created',
  'campaign.changed',
  'campaign.running',
  'campaign.paused',
  'campaign.ended',
  'campaign.agents',
  'campaign.scorecard',
  'campaign.freshened',
  'segment.saved',
  'segment.deleted',
  'rule_pack.changed',
  'rule_override.changed',
  'holidays.started',
  'holiday.confirmed',
  'holiday.removed',
  'import.queued',
  'import.merged',
  'import.changed',
  'import.recalled',
  'import.done',
  'import.undone',
  'import.related',
  'import.taken_back',
  'trunk.armed',
  'trunk.disarmed',
  'user.created',
  'user.changed',
  'user.campaigns',
  'user.revoked',
  'user.signed_in',
  'user.signed_out',
  'history.erased',
] as const;

/** What an event may be about, as the page may ask for it. `party`: a debtor, with the attempts and merges of theirs. */
export const HISTORY_SUBJECTS = ['party', 'campaign', 'rule_pack', 'import', 'user', 'trunk'] as const;

const id = z.string().regex(/^\d{1,18}$/);

/** What is looked for. `until`: the last day, by the clock of the reader. */
export const historyFilter = z.object({
  subject: z.enum(HISTORY_SUBJECTS).optional(),
  subjectId: z.string().min(1).max(80).optional(),
  kind: z
    .string()
    .regex(/^[a-z_]{1,40}\.[a-z_]{1,40}$/, 'a kind of event, like hold.placed')
    .optional(),
  by: z.enum(['people', 'system']).optional(),
  until: z.iso.date().optional(),
});
export type HistoryFilter = z.infer<typeof historyFilter>;

/** GET /api/v1/history/events: newest first; `before` is the `next` of the page before, `zone` the reader's. */
export const historyQuery = historyFilter
  .extend({ zone: z.string().min(1).max(60).optional(), before: id.optional() })
  .refine((query) => (query.subject === undefined) === (query.subjectId === undefined), {
    message: 'say of whom or what together with its kind',
    path: ['subjectId'],
  });
export type HistoryQuery = z.infer<typeof historyQuery>;

const historyEvent = z.object({
  id,
  at: z.string(),
  kind: z.string(),
  subject: z.string(),
  subjectId: z.string(),
  /** Of a debtor, a campaign or a user; null for whatever has none. */
  name: z.string().nullable(),
  /** The debtor whom it is about. */
  partyId: z.uuid().nullable(),
  actor: z.string().nullable(),
  /** Display name of the person who did it; null for a process. */
  actorName: z.string().nullable(),
  /** What is kept of it beside the columns; null once erased. */
  body: z.record(z.string(), z.json()).nullable(),
  sealed: z.boolean(),
});
export type HistoryRow = z.infer<typeof historyEvent>;

/** `next` null: there is nothing older. A page may hold few events or none where a filter finds few: there may be older ones still. */
export const historyPage = z.object({ events: z.array(historyEvent), next: id.nullable() });
export type HistoryPage = z.infer<typeof historyPage>;

/** GET /api/v1/history/seal: how far the history is sealed and signed. */
export const sealState = z.object({
  /** The last batch; null before the first. `total`: events sealed so far. */
  batch: z.object({ number: id, sealedAt: z.string(), total: id }).nullable(),
  unsealedSeconds: z.number(),
  /** The last signed head; null before the first day is over. */
  head: z.object({ day: z.iso.date(), total: id, key: z.string(), hash: z.string() }).nullable(),
  heads: z.number().int(),
});
export type SealState = z.infer<typeof sealState>;

/** What the page shows of GET /api/v1/history/receipts/:id, the inclusion proof of one event; the whole of it is downloaded. */
export const receiptShown = z.object({
  index: z.number().int(),
  path: z.array(z.string()),
  batch: z.object({ number: id, events: z.number().int(), root: z.string(), sealedAt: z.string() }),
  head: z.object({ statement: z.string(), path: z.array(z.string()) }).nullable(),
});
export type ReceiptShown = z.infer<typeof receiptShown>;
