import { LIST_FIELDS, type ImportPreview, type ListField } from '../../../server/contract/imports.ts';

/** What the wizard asks for, as typed; empty where nothing was chosen. */
export interface ImportDraft {
  kind: 'list' | 'changes';
  profile: string;
  country: string;
  currency: string;
  calendar: string;
  order: string;
  decimal: string;
  toman: boolean;
  /** Whether accounts that the list leaves out are recalled. */
  recallAbsent: boolean;
  /** Columns (by their header) that people chose for fields; fields left alone keep what was found. */
  columns: Readonly<Partial<Record<ListField, string>>>;
}

export const EMPTY_DRAFT: ImportDraft = {
  kind: 'list',
  profile: '',
  country: '',
  currency: '',
  calendar: '',
  order: '',
  decimal: '.',
  toman: false,
  recallAbsent: false,
  columns: {},
};

/** Fields a file may have, those it must have in front. */
export const FIELDS_OF: Readonly<Record<ImportDraft['kind'], readonly ListField[]>> = {
  list: LIST_FIELDS.filter((field) => !['action', 'date', 'reference'].includes(field)),
  changes: ['account', 'action', 'amount', 'date', 'reference'],
};

/** The settings to send beside the file, as JSON: only what was chosen. `recalls`: how many accounts a dry run said would be recalled. */
export function optionsOf(draft: ImportDraft, recalls: number | null): string {
  const own = draft.profile === '';
  const settings = {
    ...(draft.kind === 'changes' && { kind: draft.kind }),
    ...(Object.keys(draft.columns).length > 0 && { columns: draft.columns }),
    ...(draft.kind === 'list' && draft.recallAbsent && { absent: 'recalled', ...(recalls !== null && { recalls }) }),
    ...(own && draft.country !== '' && { country: draft.country.trim().toUpperCase() }),
    ...(own && draft.currency !== '' && { currency: draft.currency.trim().toUpperCase() }),
    ...(own && draft.calendar !== '' && { calendar: draft.calendar }),
    ...(own && draft.order !== '' && { order: draft.order }),
    ...(own && { decimal: draft.decimal, toman: draft.toman }),
  };
  return JSON.stringify(settings);
}

/** The header that stands for a field now: the one chosen, else the one found, else none. */
export function columnFor(field: ListField, draft: ImportDraft, preview: ImportPreview): string {
  return draft.columns[field] ?? preview.header[preview.columns[field][0] ?? -1] ?? '';
}

/** Required fields that no column stands for. */
export function missingFields(draft: ImportDraft, preview: ImportPreview): ListField[] {
  return preview.missing.filter((field) => columnFor(field, draft, preview) === '');
}
