import { z } from 'zod';
import { callingHours } from './campaigns.ts';
import { debtorRecord } from './debtors.ts';
import { normaliseDigits, trimCell } from './digits.ts';

/** What supervisors write into a debtor's file by hand: numbers, consents, preferences, callbacks that are not wanted any more. */

/** Why somebody wrote it down; asked for each time. */
const reason = z
  .string()
  .max(500)
  .overwrite((text) => text.trim())
  .min(1, 'say why');

/** How the wish came to us. */
export const CONSENT_SOURCES = ['call', 'letter', 'message', 'in_person', 'creditor', 'court'] as const;
const origin = { source: z.enum(CONSENT_SOURCES), reason };

/** POST /api/v1/debtors/:id/numbers: as it is written in the debtor's country, or with a country code; digits of any script. */
export const addNumberBody = z.object({
  number: z
    .string()
    .max(60)
    .overwrite((text) => trimCell(normaliseDigits(text)))
    .min(1, 'the number'),
  reason,
});
export type AddNumberBody = z.input<typeof addNumberBody>;

/** `wrong`: somebody else's; `retired`: in use no more. */
export const RETIRED_AS = ['wrong', 'retired'] as const;

/** POST /api/v1/debtors/:id/numbers/:phoneId/retire. */
export const retireNumberBody = z.object({ as: z.enum(RETIRED_AS), reason });
export type RetireNumberBody = z.input<typeof retireNumberBody>;

export const PHONE_PLACES = ['work', 'other'] as const;

/** POST /api/v1/debtors/:id/numbers/:phoneId/place: whether it rings at work. */
export const placeNumberBody = z.object({ place: z.enum(PHONE_PLACES), reason });
export type PlaceNumberBody = z.input<typeof placeNumberBody>;

/** Channels that a person may allow or refuse; `all` is every way there is. */
export const CONSENT_CHANNELS = ['all', 'call', 'sms', 'whatsapp', 'email', 'letter', 'visit'] as const;

/**
 * POST /api/v1/debtors/:id/consents: the last word on a channel, or on one number, counts. `recorded_sound`: whether a recorded voice may be
 * played in calls.
 */
export const recordConsentBody = z
  .object({
    kind: z.enum(['contact', 'recorded_sound']),
    granted: z.boolean(),
    channel: z.enum(CONSENT_CHANNELS),
    phoneId: z.uuid().nullable().default(null),
    ...origin,
  })
  .refine((body) => body.kind === 'contact' || body.channel === 'call', {
    message: 'a recorded voice is played in calls only',
    path: ['channel'],
  })
  .refine((body) => body.phoneId === null || ['all', 'call', 'sms', 'whatsapp'].includes(body.channel), {
    message: 'this channel needs no number',
    path: ['phoneId'],
  });
export type RecordConsentBody = z.input<typeof recordConsentBody>;

/** POST /api/v1/debtors/:id/preferences: a time of the week in the debtor's own zone, or a place, at which they do not want to be called. */
export const addPreferenceBody = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('time'), time: callingHours, ...origin }),
  z.object({ kind: z.literal('place'), place: z.literal('work'), ...origin }),
]);
export type AddPreferenceBody = z.input<typeof addPreferenceBody>;

/** POST /api/v1/debtors/:id/overridden-warnings: a rule that only warns is not to stop contact until the end of the day. */
export const overrideWarningBody = z.object({ rule: z.string().min(1).max(80), until: z.iso.date(), reason });
export type OverrideWarningBody = z.input<typeof overrideWarningBody>;

/** POST /api/v1/debtors/:id/preferences/:preferenceId/withdraw, …/overridden-warnings/:overrideId/withdraw and …/callbacks/:callbackId/cancel. */
export const reasonBody = z.object({ reason });

/** Who may stand for a debt beside its debtor. */
export const RELATED_ROLES = ['co_debtor', 'guarantor', 'attorney'] as const;
export type RelatedRole = (typeof RELATED_ROLES)[number];

const written = (most: number) =>
  z
    .string()
    .max(most)
    .overwrite((text) => trimCell(normaliseDigits(text)))
    .transform((text) => (text === '' ? null : text))
    .nullable()
    .default(null);

/** POST /api/v1/debtors/:id/relations: somebody else who stands for one of the debtor's debts. */
export const addRelationBody = z.object({
  debtId: z.uuid(),
  role: z.enum(RELATED_ROLES),
  name: z
    .string()
    .max(200)
    .overwrite((text) => text.replaceAll(/\s+/g, ' ').trim())
    .refine((text) => /\p{L}/u.test(text), 'the name'),
  number: written(60),
  /** A national id. */
  identity: written(60),
  reason,
});
export type AddRelationBody = z.input<typeof addRelationBody>;

/** POST /api/v1/debtors/:id/relations/:relatedId/remove. */
export const removeRelationBody = z.object({ debtId: z.uuid(), reason });

/**
 * What a fact written by hand did at once. `moved`: queues that the debtor left, or came back to; `calledOff`: ringing calls that are ended;
 * `sharedWith`: how many other people have the number that was added.
 */
export const byHandEffect = z.object({
  moved: z.number().int(),
  calledOff: z.number().int(),
  sharedWith: z.number().int().optional(),
  record: debtorRecord,
});
export type ByHandEffect = z.infer<typeof byHandEffect>;
