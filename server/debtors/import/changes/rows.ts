import { parseDate } from '../../../contract/dates.ts';
import { normaliseDigits, trimCell } from '../../../contract/digits.ts';
import { type ChangeAction, CHANGE_ACTIONS } from '../../../contract/imports.ts';
import { parseAmount } from '../../../contract/money.ts';
import { foldName } from '../../names.ts';
import type { Layout } from '../headers.ts';
import type { ListFormat } from '../profiles.ts';
import type { RowFault } from '../rows.ts';
import type { Field } from '../synonyms.ts';
import type { Change } from './rules.ts';

/** What creditors call each kind of change, in English, Arabic and Persian. */
const WORDS: Readonly<Record<ChangeAction, string>> = {
  payment: 'payment, paid, pay, receipt, collection, دفعة, دفع, سداد, تحصيل, پرداخت, واریز, وصول',
  balance: 'balance, new balance, balance change, adjustment, رصيد, الرصيد, تعديل, تعديل الرصيد, مانده, اصلاح مانده, تعدیل',
  recall: 'recall, recalled, withdrawn, return, سحب, استرجاع, استرداد, مسحوب, بازپس گیری, عودت, فراخوان',
  closed: 'closed, close, settled, cancelled, مغلق, إغلاق, اغلاق, تسوية, مسوى, بسته, مختومه, تسویه',
};
const ACTION_OF = new Map(
  CHANGE_ACTIONS.flatMap((action) => WORDS[action].split(', ').map((word) => [foldName(word), action] as const)),
);

export type ChangeReading = { kind: 'blank' } | { kind: 'rejected'; faults: RowFault[] } | { kind: 'accepted'; change: Change };

/**
 * The reader of a file of changes: each row is blank, rejected with every fault it has, or a change. A payment needs a date or a reference,
 * so that the same file sent twice pays once: where it has no reference, its date, amount and place among equals of the file stand for it.
 */
export function createChangeReader(format: ListFormat, layout: Layout): (cells: readonly string[]) => ChangeReading {
  const amountFormat = {
    currency: format.currency,
    decimal: format.decimal,
    toman: layout.unit === null ? format.toman : layout.unit === 'toman' && format.currency === 'IRR',
  };
  const at = (field: Field): number => layout.columns[field][0] ?? -1;
  const dateField: Field = at('date') === -1 ? 'due' : 'date';
  const columnOf = (field: Field): string => layout.header[at(field)] ?? field;
  const equals = new Map<string, number>();

  /** Which of several equal payments of one account, amount and day this is. */
  function placeOf(key: string): number {
    const place = (equals.get(key) ?? 0) + 1;
    if (place > 1 || equals.size < 1_000_000) equals.set(key, place);
    return place;
  }

  return (cells) => {
    const cell = (field: Field): string => trimCell(cells[at(field)] ?? '');
    if (cells.every((text) => text.trim() === '')) return { kind: 'blank' };
    const account = normaliseDigits(cell('account'));
    const action = at('action') === -1 ? (format.action ?? null) : (ACTION_OF.get(foldName(cell('action'))) ?? null);
    const takesAmount = action === 'payment' || action === 'balance';
    const amountMinor = takesAmount ? parseAmount(cell('amount'), amountFormat) : null;
    const reference = normaliseDigits(cell('reference'));
    const dateText = cell(dateField);
    const date = dateText === '' ? null : parseDate(dateText, format);
    const faults: RowFault[] = [];
    if (!/[\p{L}\p{N}]/u.test(account)) faults.push({ reason: 'missing_account', column: columnOf('account') });
    if (action === null) faults.push({ reason: 'unknown_action', column: columnOf('action') });
    if (takesAmount && (amountMinor === null || amountMinor < (action === 'payment' ? 1n : 0n)))
      faults.push({ reason: 'bad_amount', column: columnOf('amount') });
    if (dateText === '' ? action === 'payment' && reference === '' : date === null)
      faults.push({ reason: 'bad_date', column: columnOf(dateField) });
    if (faults.length > 0 || action === null) return { kind: 'rejected', faults };
    const day = `${date ?? ''} ${amountMinor ?? ''}`;
    const standsFor = reference || `${day} ${placeOf(`${account} ${day}`)}`;
    return { kind: 'accepted', change: { account, action, amountMinor, reference: action === 'payment' ? standsFor : null } };
  };
}
