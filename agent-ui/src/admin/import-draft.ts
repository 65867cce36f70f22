import type { ImportProfile, ProfileSettings } from '../../../server/contract/import-profiles.ts';
import { LIST_FIELDS, type ImportPreview, type ListField } from '../../../server/contract/imports.ts';

/** What the wizard asks for, as typed; empty where nothing was chosen. */
export interface ImportDraft {
  kind: 'list' | 'changes';
  /** A shipped profile's name. */
  profile: string;
  /** A profile that an admin keeps, in its place. */
  own: ImportProfile | null;
  country: string;
  currency: string;
  calendar: string;
  order: string;
  decimal: string;
  encoding: string;
  toman: boolean;
  /** Whether accounts that the list leaves out are recalled. */
  recallAbsent: boolean;
  /** Columns (by their header) that people chose for fields, '' for none; fields left alone keep what was found. */
  columns: Readonly<Partial<Record<ListField, string>>>;
}

export const EMPTY_DRAFT: ImportDraft = {
  kind: 'list',
  profile: '',
  own: null,
  country: '',
  currency: '',
  calendar: '',
  order: '',
  decimal: '.',
  encoding: '',
  toman: false,
  recallAbsent: false,
  columns: {},
};

/** Fields a file may have, those it must have in front. */
export const FIELDS_OF: Readonly<Record<ImportDraft['kind'], readonly ListField[]>> = {
  list: LIST_FIELDS.filter((field) => !['action', 'date', 'reference'].includes(field)),
  changes: ['account', 'action', 'amount', 'date', 'reference'],
};

/** Without these no row of a list can be taken; of the others a column that was found may be left out. */
const NEEDED: readonly ListField[] = ['account', 'name', 'phone', 'amount', 'due', 'address'];

/** Whether a column must stand for a field. */
export function isNeeded(field: ListField, { kind }: Pick<ImportDraft, 'kind'>): boolean {
  return kind === 'changes' || NEEDED.includes(field);
}

/** The draft as a profile has it; columns are the profile's until somebody chooses others. */
export function draftOf(own: ImportProfile): ImportDraft {
  const { settings } = own;
  return {
    kind: settings.kind ?? 'list',
    profile: '',
    own,
    country: settings.country ?? '',
    currency: settings.currency ?? '',
    calendar: settings.calendar ?? '',
    order: settings.order ?? '',
    decimal: settings.decimal ?? '.',
    encoding: settings.encoding ?? '',
    toman: settings.toman ?? false,
    recallAbsent: settings.absent === 'recalled',
    columns: {},
  };
}

/** What a draft says of how the file is read, only what was chosen. */
function settingsOf(draft: ImportDraft): ProfileSettings {
  const asked = draft.profile === '';
  const chosen = {
    ...((draft.own !== null || draft.kind === 'changes') && { kind: draft.kind }),
    ...(Object.keys(draft.columns).length > 0 && { columns: draft.columns }),
    ...(draft.kind === 'list' && draft.recallAbsent && { absent: 'recalled' }),
    ...(draft.own !== null && !draft.recallAbsent && { absent: 'kept' }),
    ...(asked && draft.country !== '' && { country: draft.country.trim().toUpperCase() }),
    ...(asked && draft.currency !== '' && { currency: draft.currency.trim().toUpperCase() }),
    ...(asked && draft.calendar !== '' && { calendar: draft.calendar }),
    ...(asked && draft.order !== '' && { order: draft.order }),
    ...(asked && draft.encoding !== '' && { encoding: draft.encoding }),
    ...(asked && { decimal: draft.decimal, toman: draft.toman }),
  };
  // What may be chosen is what the form offers; the server checks it all the same.
  return chosen as ProfileSettings;
}

/** The settings to send beside the file, as JSON. `recalls`: how many accounts a dry run said would be recalled. */
export function optionsOf(draft: ImportDraft, recalls: number | null): string {
  const settings = settingsOf(draft);
  return JSON.stringify({ ...settings, ...(settings.absent === 'recalled' && recalls !== null && { recalls }) });
}

/** What a profile made of this draft keeps: how the file in front of us is read, with every column that was found in it. */
export function profileOf(draft: ImportDraft, preview: ImportPreview): ProfileSettings {
  const columns = FIELDS_OF[draft.kind].flatMap((field): [ListField, string | string[]][] => {
    const chosen = draft.columns[field];
    if (chosen !== undefined) return [[field, chosen]];
    const found = preview.columns[field].flatMap((index) => preview.header[index] ?? []);
    return found.length === 0 ? [] : [[field, found]];
  });
  const { encoding: _, ...before } = draft.own?.settings ?? {};
  return { ...before, ...settingsOf(draft), columns: Object.fromEntries(columns) };
}

/** The header that stands for a field now: the one chosen, else the one found, else none. */
export function columnFor(field: ListField, draft: ImportDraft, preview: ImportPreview): string {
  return draft.columns[field] ?? preview.header[preview.columns[field][0] ?? -1] ?? '';
}

/** Required fields that no column stands for. */
export function missingFields(draft: ImportDraft, preview: ImportPreview): ListField[] {
  return preview.missing.filter((field) => columnFor(field, draft, preview) === '');
}
