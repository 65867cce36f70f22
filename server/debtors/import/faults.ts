import { Refusal } from '../../kernel/errors.ts';

/** Everything that stops an import before it changes anything. */
export const IMPORT_REFUSALS = [
  'import_file_missing',
  'import_file_empty',
  'import_file_binary',
  'import_file_broken',
  'import_wrong_encoding',
  'import_no_rows',
  'import_column_unmapped',
  'import_unknown_column',
  'import_unknown_profile',
  'import_unknown_campaign',
  'import_unknown_country',
  'import_unknown_currency',
  'import_settings_missing',
  'import_currency_differs',
  'import_demo_and_real',
  'import_recalls_unconfirmed',
  'import_recalls_differ',
  'import_recalls_unsafe',
] as const;
export type ImportRefusal = (typeof IMPORT_REFUSALS)[number];

/** An import that cannot begin or go on: `field` names the option or column to change. Nothing has been written. */
export function refuse(code: ImportRefusal, message: string, field: string, details: Record<string, unknown> = {}): Refusal {
  return new Refusal(code, message, { field, details });
}
