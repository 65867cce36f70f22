import { z } from 'zod';
import { CALENDARS, DATE_ORDERS } from '../../contract/dates.ts';
import { CHANGE_ACTIONS } from '../../contract/imports.ts';
import { isCurrency } from '../../contract/money.ts';
import { isPhoneCountry } from '../phones.ts';
import { refuse } from './faults.ts';
import { IDENTITY_KINDS, nationalIdKind } from './identity.ts';
import { ENCODINGS } from './sniff.ts';
import { FIELDS } from './synonyms.ts';

const columns = z.partialRecord(z.enum(FIELDS), z.union([z.string(), z.array(z.string()).min(1)]));

/**
 * How to read a list: what cannot be told from the file itself. Kept with the import, so that it can be read the same way again.
 * Encoding, delimiter and columns are found where they are left out.
 */
export const listFormat = z.object({
  country: z.string(),
  currency: z.string(),
  calendar: z.enum(CALENDARS),
  order: z.enum(DATE_ORDERS),
  /** Decimal separator where a number has only `.` or only `,`. */
  decimal: z.enum(['.', ',']),
  toman: z.boolean().default(false),
  identity: z.enum(IDENTITY_KINDS),
  encoding: z.enum(ENCODINGS).optional(),
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  /** Our field → the file's column name or names, where the header's own words are not known. */
  columns: columns.default({}),
  /** A list states each account as it is; a file of changes says what happened to accounts. */
  kind: z.enum(['list', 'changes']).default('list'),
  /** What each row of a file of changes says where it has no column for that. */
  action: z.enum(CHANGE_ACTIONS).optional(),
  /** What it means that a list leaves an account out. */
  absent: z.enum(['kept', 'recalled']).default('kept'),
  /** How many accounts a dry run said would be recalled; no list recalls without it. */
  recalls: z.int().min(0).optional(),
});
export type ListFormat = z.infer<typeof listFormat>;
export type ListOptions = Partial<z.input<typeof listFormat>>;

const wireOptions = z.strictObject(listFormat.shape).partial();

/** Single settings as they come over the wire (JSON), none for undefined. Throws a Refusal that names the first one that is not valid. */
export function readOptions(text: string | undefined): ListOptions {
  if (text === undefined) return {};
  const given = fromJson(text);
  const parsed = wireOptions.safeParse(given);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(
      'import_settings_missing',
      `The settings are not valid: ${issue?.message ?? ''}`,
      String(issue?.path[0] ?? 'options'),
    );
  }
  // What was not given is the profile's to say, not the default's.
  const named = Object.entries(parsed.data).filter(([name]) => Object.hasOwn(Object(given), name));
  return Object.fromEntries(named) as ListOptions;
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('import_settings_missing', 'The settings are not JSON', 'options');
  }
}

/** The shapes of list that ship with Wusul, by name. */
export const PROFILES: Readonly<Record<string, z.input<typeof listFormat>>> = {
  'sa-bank': { country: 'SA', currency: 'SAR', calendar: 'hijri', order: 'ymd', decimal: '.', identity: 'sa_national_id' },
  'eg-telecom': { country: 'EG', currency: 'EGP', calendar: 'gregorian', order: 'dmy', decimal: ',', identity: 'eg_national_id' },
  'ir-leasing': {
    country: 'IR',
    currency: 'IRR',
    calendar: 'jalali',
    order: 'ymd',
    decimal: '.',
    toman: true,
    identity: 'ir_national_code',
  },
  'us-agency': { country: 'US', currency: 'USD', calendar: 'gregorian', order: 'mdy', decimal: '.', identity: 'customer_ref' },
};

/**
 * The full format of a list from a profile's name, single options, or both (an option wins). Throws a Refusal naming the option for an
 * unknown profile, country or currency, or for what neither gives.
 */
export function resolveFormat(profile: string | null, options: ListOptions): ListFormat {
  const base = profile === null ? {} : PROFILES[profile];
  if (base === undefined) {
    throw refuse(
      'import_unknown_profile',
      `Unknown profile ${JSON.stringify(profile)}; there are ${Object.keys(PROFILES).join(', ')}`,
      'profile',
    );
  }
  const given: ListOptions = { ...base, ...options };
  if (given.country !== undefined && !isPhoneCountry(given.country)) {
    throw refuse(
      'import_unknown_country',
      `Unknown country ${JSON.stringify(given.country)}; give an ISO 3166 code like SA`,
      'country',
    );
  }
  if (given.currency !== undefined && !isCurrency(given.currency)) {
    throw refuse(
      'import_unknown_currency',
      `Unknown currency ${JSON.stringify(given.currency)}; give an ISO 4217 code like SAR`,
      'currency',
    );
  }
  const completed = { identity: given.country === undefined ? undefined : nationalIdKind(given.country), decimal: '.', ...given };
  const parsed = listFormat.safeParse(completed);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw refuse(
    'import_settings_missing',
    `How to read the list is not complete: ${faults.join('; ')}. Give a profile or these options`,
    String(parsed.error.issues[0]?.path[0] ?? 'profile'),
  );
}
