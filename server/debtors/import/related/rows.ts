/** Who else stands for the debt, as a row of a list says it. */
import { hash } from 'node:crypto';
import { RELATED_ROLES, type RelatedRole } from '../../../contract/by-hand.ts';
import { trimCell } from '../../../contract/digits.ts';
import { foldName } from '../../names.ts';
import { readPhones, type PhoneNumber } from '../../phones.ts';
import type { Layout } from '../headers.ts';
import type { RowFault } from '../rows.ts';

/** What a row says of one place of a role: the first guarantor, the second … A place that it leaves empty is not there. */
export interface StatedRelation {
  role: RelatedRole;
  /** From 1. */
  place: number;
  /** Null: what stands there cannot be read, so that nobody knows whether it is still who it was. */
  person: StatedPerson | null;
}

export interface StatedPerson {
  name: string;
  foldedName: string;
  /** None: a name alone was given. */
  phones: readonly PhoneNumber[];
  /** Over name and numbers. */
  digest: string;
}

/** Columns of one place of a role. */
interface Seat {
  role: RelatedRole;
  place: number;
  name: number | undefined;
  phones: readonly number[];
}

/** What people write where there is nobody. */
const NOBODY = new Set(
  ['none', 'nil', 'n/a', 'not applicable', 'لا يوجد', 'غير موجود', 'بدون', 'بدون كفيل', 'ندارد', 'بدون ضامن'].map(foldName),
);

/** The roles that a list has columns for. */
export function relatedRoles({ columns }: Layout): RelatedRole[] {
  return RELATED_ROLES.filter((role) => columns[role].length + columns[`${role}_phone`].length > 0);
}

/**
 * The reader of a row's relations, null for a list without columns of any. A name without a number is taken; a number without a name, or
 * none that is valid where some are given, is not, and told as a fault that keeps the row.
 */
export function createRelationReader(
  layout: Layout,
  country: Parameters<typeof readPhones>[1],
): ((cells: readonly string[]) => { related: StatedRelation[]; faults: RowFault[] }) | null {
  const seats = relatedRoles(layout).flatMap((role) => seatsOf(layout, role));
  if (seats.length === 0) return null;
  const columnOf = (index: number | undefined, role: RelatedRole): string => layout.header[index ?? -1] ?? role;

  return (cells) => {
    const related: StatedRelation[] = [];
    const faults: RowFault[] = [];
    for (const { role, place, name: at, phones: numberColumns } of seats) {
      const written = trimCell(cells[at ?? -1] ?? '').replaceAll(/\s+/g, ' ');
      const foldedName = foldName(written);
      const named = /\p{L}/u.test(foldedName) && !NOBODY.has(foldedName);
      const { phones, invalid } = readPhones(numberColumns.map((index) => cells[index] ?? '').join(';'), country);
      const numbers = phones.map((phone) => phone.e164);
      if (!named) {
        if (numbers.length === 0) continue;
        faults.push({ reason: 'related_without_name', column: columnOf(at ?? numberColumns[0], role) });
        related.push({ role, place, person: null });
      } else if (numbers.length === 0 && invalid > 0) {
        faults.push({ reason: 'bad_related_phone', column: columnOf(numberColumns[0], role) });
        related.push({ role, place, person: null });
      } else {
        if (invalid > 0) faults.push({ reason: 'invalid_phone', column: columnOf(numberColumns[0], role) });
        const digest = hash('sha256', JSON.stringify([written, ...numbers]), 'hex');
        related.push({ role, place, person: { name: written, foldedName, phones, digest } });
      }
    }
    return { related, faults };
  };
}

/**
 * Which columns belong together: all numbers to an only name; as many numbers as names in their order; else each number to the name before it.
 */
function seatsOf({ columns }: Layout, role: RelatedRole): Seat[] {
  const names = columns[role];
  const phones = columns[`${role}_phone`];
  if (names.length <= 1) return [{ role, place: 1, name: names[0], phones }];
  return names.map((name, index) => {
    const next = names[index + 1] ?? Number.POSITIVE_INFINITY;
    const mine = phones.length === names.length ? phones.slice(index, index + 1) : phones.filter((at) => at > name && at < next);
    return { role, place: index + 1, name, phones: mine };
  });
}
