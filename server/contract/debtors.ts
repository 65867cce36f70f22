import { z } from 'zod';
import { trimCell, normaliseDigits } from './digits.ts';
import { debtorFile } from './desk.ts';
import { guidance } from './guidance.ts';
import { scoreReason } from './scoring.ts';
import { writtenNumber } from './contact-check.ts';

/** A debtor's whole file, as supervisors and admins see it. Money in minor units as strings, moments in ISO form. */

const words = z
  .string()
  .max(80)
  .overwrite((text) => trimCell(normaliseDigits(text)))
  .min(1, 'say whom to look for');

/** POST /api/v1/debtors/search: what identifies a person comes in the body, never in an address. */
export const debtorSearch = z.discriminatedUnion('by', [
  z.object({ by: z.literal('account'), text: words }),
  z.object({ by: z.literal('identity'), text: words }),
  z.object({ by: z.literal('number'), text: writtenNumber }),
]);
export type DebtorSearch = z.output<typeof debtorSearch>;

export const debtorFound = z.object({
  partyId: z.uuid(),
  displayName: z.string(),
  country: z.string(),
  demo: z.boolean(),
  debts: z.number().int(),
});
export type DebtorFound = z.infer<typeof debtorFound>;

const holdRow = z.object({
  id: z.uuid(),
  kind: z.string(),
  debtId: z.uuid().nullable(),
  phoneId: z.uuid().nullable(),
  startsAt: z.string(),
  endsAt: z.string().nullable(),
  releasedAt: z.string().nullable(),
  by: z.string().nullable(),
});
export type HoldRow = z.infer<typeof holdRow>;

const attemptRow = z.object({
  id: z.uuid(),
  at: z.string(),
  campaign: z.string(),
  number: z.string(),
  state: z.string(),
  result: z.string().nullable(),
  ending: z.string().nullable(),
  /** Why the call was ended before anybody answered. */
  calledOff: z.string().nullable(),
  /** The key was pressed that ends all calls to the number. */
  optedOut: z.boolean(),
  /** Detection took the other side for a machine. */
  screenedOut: z.boolean(),
  /** Who it was, by whoever listened. */
  corrected: z.enum(['human', 'machine']).nullable(),
  outcome: z.string().nullable(),
  note: z.string().nullable(),
  agent: z.string().nullable(),
  /** What the gate said when the call was reserved, and by which versions of which packs. */
  verdict: z.string(),
  packs: z.record(z.string(), z.number().int()),
  /** Warnings that would have refused it, had they not been overridden. */
  overridden: z.array(z.string()),
  digest: z.string(),
});
export type AttemptRow = z.infer<typeof attemptRow>;

/** A refusal of the gate that moved the debtor's next time. */
const refusalRow = z.object({
  at: z.string(),
  campaign: z.string().nullable(),
  reason: z.string(),
  reasons: z.array(z.string()),
  /** Those of them by rules that nobody has verified. */
  unverified: z.array(z.string()),
  retryAt: z.string().nullable(),
  packs: z.record(z.string(), z.number().int()),
});
export type RefusalRow = z.infer<typeof refusalRow>;

/** Where the debtor stands in a campaign's queue, and what their score there is made of. */
const queueRow = z.object({
  campaignId: z.uuid(),
  campaign: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  notBefore: z.string().nullable(),
  tries: z.number().int(),
  score: z.number().int(),
  scoreVersion: z.number().int(),
  reasons: z.array(scoreReason),
});
export type QueueRow = z.infer<typeof queueRow>;

const promiseRow = debtorFile.shape.promises.element.extend({
  id: z.uuid(),
  account: z.string().nullable(),
  by: z.string().nullable(),
  madeAt: z.string(),
});

/** GET /api/v1/debtors/:id/attempts?before=ID: those older than an attempt, newest first. `more`: there are older ones still. */
export const attemptPage = z.object({ attempts: z.array(attemptRow), more: z.boolean() });
export type AttemptPage = z.infer<typeof attemptPage>;

/** POST /api/v1/debtors/:id/attempts/:attemptId/correction: who answered a call that was taken for a machine's. */
export const correctionBody = z.object({ was: z.enum(['human', 'machine']) });
export type CorrectionBody = z.infer<typeof correctionBody>;

/** What the person said of being contacted: the last word on a channel or number counts. `phoneId` null: on any number. */
const consentRow = z.object({
  id: z.uuid(),
  kind: z.string(),
  channel: z.string(),
  phoneId: z.uuid().nullable(),
  granted: z.boolean(),
  source: z.string().nullable(),
  reason: z.string().nullable(),
  at: z.string(),
  by: z.string().nullable(),
});
export type ConsentRow = z.infer<typeof consentRow>;

/** When or where the person does not want to be called. `time` by their own clock; one of the two is null. */
const preferenceRow = z.object({
  id: z.uuid(),
  time: z.object({ days: z.array(z.number().int()), from: z.string(), to: z.string() }).nullable(),
  place: z.string().nullable(),
  source: z.string(),
  reason: z.string(),
  at: z.string(),
  withdrawnAt: z.string().nullable(),
  by: z.string().nullable(),
});
export type PreferenceRow = z.infer<typeof preferenceRow>;

/** A call that was promised and is still to come. `agent`: who promised it for themselves; null: anybody's. */
const callbackRow = z.object({
  id: z.uuid(),
  campaign: z.string(),
  at: z.string(),
  phoneId: z.uuid().nullable(),
  agent: z.string().nullable(),
});
export type CallbackRow = z.infer<typeof callbackRow>;

/** A rule that only warns, and that somebody let contact go on in spite of. It stands until `endsAt` or until it is withdrawn. */
const overriddenWarning = z.object({
  id: z.uuid(),
  rule: z.string(),
  reason: z.string(),
  at: z.string(),
  endsAt: z.string(),
  withdrawnAt: z.string().nullable(),
  by: z.string().nullable(),
});
export type OverriddenWarning = z.infer<typeof overriddenWarning>;

/** GET /api/v1/debtors/:id. Of the attempts the first page. */
export const debtorRecord = debtorFile
  .omit({ holds: true, attempts: true, promises: true, score: true, consents: true, preferences: true })
  .extend({
    consents: z.array(consentRow),
    preferences: z.array(preferenceRow),
    callbacks: z.array(callbackRow),
    promises: z.array(promiseRow),
    holds: z.array(holdRow),
    ...attemptPage.shape,
    refusals: z.array(refusalRow),
    /** Those that stand first. */
    overriddenWarnings: z.array(overriddenWarning),
    /** Of all the person's numbers together. */
    guidance,
    queues: z.array(queueRow),
  });
export type DebtorRecord = z.infer<typeof debtorRecord>;

/** POST /api/v1/debtors/:id/holds: on the person, or on one of their debts or numbers. `until`: the last day of it where the debtor is; null: until it is released. */
export const placeHoldBody = z
  .object({
    /** One of `guidance.holds`. */
    kind: z.string().min(1).max(80),
    debtId: z.uuid().nullable().default(null),
    phoneId: z.uuid().nullable().default(null),
    until: z.iso.date().nullable().default(null),
  })
  .refine((body) => body.debtId === null || body.phoneId === null, {
    message: 'a hold is on a debt or on a number',
    path: ['phoneId'],
  });
export type PlaceHoldBody = z.input<typeof placeHoldBody>;

/** What a hold did at once. `moved`: queues that the debtor left, or came back to; `calledOff`: ringing calls that are ended. */
export const holdEffect = z.object({
  holdId: z.uuid(),
  moved: z.number().int(),
  calledOff: z.number().int(),
  record: debtorRecord,
});
export type HoldEffect = z.infer<typeof holdEffect>;
