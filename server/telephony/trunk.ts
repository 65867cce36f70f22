/** A trunk: a SIP line to the telephone network, or to the demo carrier. */
import { z } from 'zod';

/** How a number is written on the wire: `plus` +9665…, `digits` 9665…, `zeros` 009665…, `national` 05… at home and 00… abroad. */
export const NUMBER_FORMS = ['plus', 'digits', 'zeros', 'national'] as const;

export const numberFormat = z.object({
  form: z.enum(NUMBER_FORMS).default('plus'),
  /** For `national`: the country's calling code, digits only, and what precedes a number inside it. */
  countryCode: z
    .string()
    .regex(/^[1-9]\d{0,2}$/)
    .optional(),
  nationalPrefix: z.string().regex(/^\d*$/).default('0'),
  /** Put before everything, e.g. to leave an exchange. */
  prefix: z
    .string()
    .regex(/^[\d*#]*$/)
    .default(''),
});
export type NumberFormat = z.infer<typeof numberFormat>;

/** Asterisk reads its configuration by lines: a value may hold no control character. */
const printable = z.string().regex(/^[\x20-\x7e]*$/, 'only printable ASCII');

export const trunkSettings = z
  .object({
    name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'lower-case letters, digits and dashes'),
    kind: z.enum(['demo', 'real']),
    uri: z.string().regex(/^sips?:[A-Za-z0-9._:[\]-]+(;[A-Za-z0-9=.-]+)*$/, 'a SIP URI such as sip:host:5060'),
    user: printable.optional(),
    password: printable.optional(),
    register: z.boolean().default(false),
    /** Seconds between OPTIONS; 0: the far end is not asked. */
    qualifySeconds: z.number().int().min(0).max(3600).default(0),
    number: numberFormat.default({ form: 'plus', nationalPrefix: '0', prefix: '' }),
    codecs: z
      .array(z.enum(['alaw', 'ulaw', 'g722']))
      .min(1)
      .default(['alaw', 'ulaw']),
    fromUser: printable.optional(),
    fromDomain: printable.optional(),
    identity: z.enum(['pai', 'rpid', 'none']).default('pai'),
    /** `auto`: RFC 4733 where the carrier offers it, else tones in the voice. */
    dtmf: z.enum(['rfc4733', 'inband', 'info', 'auto']).default('auto'),
  })
  .refine((trunk) => trunk.number.form !== 'national' || trunk.number.countryCode !== undefined, {
    path: ['number', 'countryCode'],
    message: 'the national form needs the country code',
  })
  .refine((trunk) => !trunk.register || trunk.user !== undefined, { path: ['user'], message: 'a registration needs a user' });
export type TrunkSettings = z.infer<typeof trunkSettings>;

/** The switch's name of a trunk's endpoint. */
export function trunkEndpoint(name: string): string {
  return `trunk-${name}`;
}
