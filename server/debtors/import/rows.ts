import { hash } from 'node:crypto';
import { parseDate } from '../../contract/dates.ts';
import { normaliseDigits, trimCell } from '../../contract/digits.ts';
import { REJECT_REASONS, type RejectReason } from '../../contract/imports.ts';
import { parseAmount } from '../../contract/money.ts';
import { readIban } from '../iban.ts';
import { foldName } from '../names.ts';
import { isPhoneCountry, readPhones, type PhoneNumber } from '../phones.ts';
import { hasRegions, readRegion, regionsOfAddress } from '../regions.ts';
import { zonesOfAddress, zonesOfRegions } from '../zones.ts';
import type { Layout } from './headers.ts';
import { readIdentity } from './identity.ts';
import type { ListFormat } from './profiles.ts';
import { createRelationReader, type StatedRelation } from './related/rows.ts';
import type { Field } from './synonyms.ts';

/** Things wrong with a row that do not keep it out. */
export const ROW_WARNINGS = [
  'bad_national_id',
  'bad_iban',
  'invalid_phone',
  'unknown_region',
  'bad_related_phone',
  'related_without_name',
] as const;
export type RowWarning = (typeof ROW_WARNINGS)[number];

/** One thing wrong with a row, and the column it was found in. */
export interface RowFault {
  reason: RejectReason | RowWarning;
  column: string;
}

/** A debt and its debtor as one row of a list states them. */
export interface ListedDebt {
  account: string;
  name: string;
  foldedName: string;
  /** Canonical identifier, null where none was given or it is invalid. */
  identity: string | null;
  badIdentity: boolean;
  phones: readonly PhoneNumber[];
  /** Checked, null where none was given or it is invalid. */
  iban: string | null;
  amountMinor: bigint;
  /** `YYYY-MM-DD` */
  dueOn: string;
  address: string;
  addressZones: readonly string[];
  /** ISO 3166-2, of the address or of a column of its own. */
  regions: readonly string[];
  product: string | null;
  language: string | null;
  /** Who else stands for it; null in a list that has no columns for them. */
  related: readonly StatedRelation[] | null;
  /** SHA-256 in hex over everything above: equal digests, nothing different. */
  digest: string;
}

export type RowReading =
  | { kind: 'blank' }
  | { kind: 'rejected'; account: string; faults: RowFault[] }
  | { kind: 'accepted'; debt: ListedDebt; warnings: RowFault[] };

const FAULT_FIELDS: Readonly<Record<(typeof REJECT_REASONS)[number], Field>> = {
  missing_account: 'account',
  missing_name: 'name',
  no_valid_phone: 'phone',
  bad_amount: 'amount',
  bad_date: 'due',
  missing_address: 'address',
};

/**
 * The reader of a list's rows. A row is blank, rejected with every fault it has, or a debt; a reader never throws, whatever the cells
 * hold. Throws a RangeError at once for a format whose country or currency is unknown.
 */
export function createRowReader(format: ListFormat, layout: Layout): (cells: readonly string[]) => RowReading {
  const { country } = format;
  if (!isPhoneCountry(country)) throw new RangeError(`Unknown country ${country}`);
  const amountFormat = {
    currency: format.currency,
    decimal: format.decimal,
    toman: layout.unit === null ? format.toman : layout.unit === 'toman' && format.currency === 'IRR',
  };
  const dates = remember((text) => parseDate(text, format));
  const zones = remember((address) => zonesOfAddress(address, country));
  const regionsOf = remember((address) => regionsOfAddress(address, country));
  const region = remember((text) => readRegion(text, country));
  const folded = remember(foldName);
  const relationsOf = createRelationReader(layout, country);
  const columnOf = (field: Field): string => layout.header[layout.columns[field][0] ?? -1] ?? field;

  return (cells) => {
    const cell = (field: Field): string => trimCell(cells[layout.columns[field][0] ?? -1] ?? '');
    if (cells.every((text) => text.trim() === '')) return { kind: 'blank' };
    const account = normaliseDigits(cell('account'));
    const name = cell('name').replaceAll(/\s+/g, ' ');
    const address = cell('address');
    const { phones, invalid } = readPhones(layout.columns.phone.map((index) => cells[index] ?? '').join(';'), country);
    const amountMinor = parseAmount(cell('amount'), amountFormat);
    const dueOn = dates(cell('due'));
    const wrong: Readonly<Record<(typeof REJECT_REASONS)[number], boolean>> = {
      missing_account: !hasText(account),
      missing_name: !hasText(name),
      no_valid_phone: phones.length === 0,
      bad_amount: amountMinor === null || amountMinor <= 0n,
      bad_date: dueOn === null,
      missing_address: !hasText(address),
    };
    const faults = REJECT_REASONS.filter((reason) => wrong[reason]).map((reason) => ({
      reason,
      column: columnOf(FAULT_FIELDS[reason]),
    }));
    if (faults.length > 0 || amountMinor === null || dueOn === null) return { kind: 'rejected', account, faults };

    const identityText = normaliseDigits(cell('identity'));
    const identity = identityText === '' ? null : readIdentity(format.identity, identityText);
    const badIdentity = identityText !== '' && identity === null;
    const warnings: RowFault[] = [];
    if (badIdentity) warnings.push({ reason: 'bad_national_id', column: columnOf('identity') });
    if (invalid > 0) warnings.push({ reason: 'invalid_phone', column: columnOf('phone') });
    const ibanText = normaliseDigits(cell('iban'));
    const iban = ibanText === '' ? null : readIban(ibanText);
    if (ibanText !== '' && iban === null) warnings.push({ reason: 'bad_iban', column: columnOf('iban') });
    const product = cell('product') || null;
    const language = languageOf(cell('language'));
    const regionText = cell('region');
    const named = regionText === '' ? null : region(regionText);
    if (regionText !== '' && named === null && hasRegions(country)) {
      warnings.push({ reason: 'unknown_region', column: columnOf('region') });
    }
    const regions = [...new Set([...regionsOf(address), ...(named === null ? [] : [named])])];
    const person = {
      name,
      foldedName: folded(name),
      identity,
      badIdentity,
      phones,
      iban,
      address,
      addressZones: named === null ? zones(address) : [...new Set([...zones(address), ...zonesOfRegions([named])])],
      regions,
      language,
    };
    const relations = relationsOf === null ? null : relationsOf(cells);
    if (relations !== null) warnings.push(...relations.faults);
    const debt = { account, amountMinor, dueOn, product, ...person, related: relations === null ? null : relations.related };
    return { kind: 'accepted', debt: { ...debt, digest: digestOf(debt, format.currency, identityText, regionText) }, warnings };
  };
}

function hasText(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

function digestOf(debt: Omit<ListedDebt, 'digest'>, currency: string, identityText: string, regionText: string): string {
  const numbers = debt.phones.map((phone) => phone.e164);
  const money = [debt.amountMinor.toString(), currency, debt.dueOn];
  const facts = [debt.name, identityText, numbers, money, debt.address, debt.product, debt.language];
  if (debt.iban !== null) facts.push(debt.iban);
  if (regionText !== '') facts.push(regionText);
  for (const { role, place, person } of debt.related ?? []) facts.push([role, String(place), person?.digest ?? '']);
  // What was read of it, too: a list that says the same is read anew where more is understood of it than before.
  if (debt.regions.length > 0) facts.push([...debt.regions]);
  return hash('sha256', JSON.stringify(facts), 'hex');
}

const LANGUAGE_NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(ar|arabic|عربي|العربية|عربی)/i, 'ar'],
  [/^(fa|farsi|persian|فارسی|فارسي|الفارسية)/i, 'fa'],
  [/^(en|english|انجليزي|إنجليزي|انگلیسی)/i, 'en'],
];

function languageOf(text: string): string | null {
  return LANGUAGE_NAMES.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Values repeat in a list (dates, cities); the last few thousand are kept. */
function remember<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (known.size >= 5_000) known.clear();
    const value = read(text);
    known.set(text, value);
    return value;
  };
}
