import { RELATED_ROLES } from '../../contract/by-hand.ts';
import { normaliseDigits } from '../../contract/digits.ts';
import type { ChangeAction } from '../../contract/imports.ts';
import { foldName } from '../names.ts';
import { refuse } from './faults.ts';
import { FIELDS, SYNONYMS, type Field } from './synonyms.ts';

/** Without these a list cannot be worked. */
export const REQUIRED_FIELDS = ['account', 'name', 'phone', 'amount', 'due', 'address'] as const satisfies readonly Field[];

/** What a file of changes must have: `action` stands for what every row says where the file has no column for it. */
export function requiredOfChanges(action: ChangeAction | undefined): readonly Field[] {
  if (action === undefined) return ['account', 'action', 'amount'];
  return action === 'payment' || action === 'balance' ? ['account', 'amount'] : ['account'];
}

const FIELD_OF = new Map(
  (Object.entries(SYNONYMS) as [Field, readonly string[]][]).flatMap(([field, words]) =>
    words.map((word) => [foldHeader(word), field] as const),
  ),
);

/** A header in the form its spellings share; a note in brackets and a number behind it are not part of the name. */
export function foldHeader(text: string): string {
  const bare = normaliseDigits(text).replaceAll(/[([（][^)\]）]*[)\]）]/g, '');
  return foldName(bare).replace(/[0-9]+$/, '');
}

/** The field a header stands for, or null. */
export function fieldOf(header: string): Field | null {
  const folded = foldHeader(header);
  return FIELD_OF.get(folded) ?? relatedFieldOf(folded);
}

/** Which of several it is, as headers of guarantors and the like say it somewhere among their words, folded. */
const WHICH_ONE = /[0-9]+|الاول|الثاني|الثالث|اول|دوم|سوم|first|second|third/g;

/** `Guarantor 2 phone`, `هاتف الكفيل الثاني`, `تلفن ضامن دوم`. */
function relatedFieldOf(folded: string): Field | null {
  const field = FIELD_OF.get(folded.replaceAll(WHICH_ONE, '')) ?? null;
  return field !== null && isRelated(field) ? field : null;
}

const RELATED_FIELDS: ReadonlySet<Field> = new Set(RELATED_ROLES.flatMap((role) => [role, `${role}_phone`] as const));

function isRelated(field: Field): boolean {
  return RELATED_FIELDS.has(field);
}

export type Columns = Readonly<Record<Field, readonly number[]>>;

/** Where each field stands in a list. `unit` is the unit of money that the amount's own header names. */
export interface Layout {
  header: readonly string[];
  columns: Columns;
  unit: 'toman' | 'rial' | null;
}

/**
 * Maps a header line to fields: first by the mapping given (our field → column names; an empty one: none stands for it), then by synonym.
 * Several columns may hold phones, or who else stands for the debt; of any other field the first counts. Throws a Refusal that names a column
 * given but not there, or a required field no column stands for and what to pass.
 */
export function mapHeader(
  header: readonly string[],
  mapping: Readonly<Partial<Record<Field, string | readonly string[]>>>,
  required: readonly Field[] = REQUIRED_FIELDS,
): Layout {
  const columns = Object.fromEntries(FIELDS.map((field) => [field, [] as number[]])) as Record<Field, number[]>;
  const taken = new Set<number>();
  for (const field of FIELDS) {
    for (const name of [mapping[field] ?? []].flat()) {
      if (name.trim() === '') continue;
      const index = header.findIndex((cell) => cell.trim() === name.trim() || foldName(cell) === foldName(name));
      if (index === -1) {
        throw refuse(
          'import_unknown_column',
          `The list has no column ${JSON.stringify(name)} (given for ${field}); it has ${header.map((cell) => JSON.stringify(cell)).join(', ')}`,
          field,
          { column: name, header },
        );
      }
      columns[field].push(index);
      taken.add(index);
    }
  }
  for (const [index, cell] of header.entries()) {
    const field = fieldOf(cell);
    if (field === null || taken.has(index) || mapping[field] !== undefined) continue;
    if (field === 'phone' || isRelated(field) || columns[field].length === 0) columns[field].push(index);
  }
  const missing = required.filter((field) => columns[field].length === 0);
  if (missing.length > 0) {
    throw refuse(
      'import_column_unmapped',
      `No column was found for ${missing.join(', ')}. The list has ${header.map((cell) => JSON.stringify(cell)).join(', ')}; ` +
        `say which it is with ${missing.map((field) => `--map ${field}="…"`).join(' ')}`,
      missing[0] ?? 'columns',
      { missing, header },
    );
  }
  return { header, columns, unit: unitIn(header[columns.amount[0] ?? 0] ?? '') };
}

function unitIn(header: string): 'toman' | 'rial' | null {
  if (/تومان|تومن|toman/i.test(header)) return 'toman';
  return /ریال|rial/i.test(header) ? 'rial' : null;
}
