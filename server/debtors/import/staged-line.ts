import type { ListedDebt } from './rows.ts';

/**
 * Rows are merged in lanes. Those with an identifier go by it into one of the first lanes, which then never speak of the same person and
 * may be merged side by side; the last lane holds what may concern anybody and is merged when the others are through.
 */
export const SIDE_BY_SIDE = [0, 1] as const;
export const LAST_LANE = 2;

function laneOf(identity: string | null): number {
  if (identity === null) return LAST_LANE;
  let sum = 0;
  for (let index = 0; index < identity.length; index += 1) sum += identity.charCodeAt(index);
  return sum % SIDE_BY_SIDE.length;
}

/** A row as COPY takes it into the staging table, which has a last column more where the list has columns of who else stands for debts. */
export function stagedLine(row: number, debt: ListedDebt): string {
  let numbers = '';
  let facts = '';
  for (const { e164, country, type, zones } of debt.phones) {
    const before = numbers !== '';
    numbers += before ? `,${e164}` : e164;
    facts += `${before ? ';' : ''}${country} ${type} ${zones.join(' ')}`;
  }
  const related = debt.related === null ? '' : `\t${copyCell(JSON.stringify(debt.related))}`;
  return (
    `${row}\t${laneOf(debt.identity)}\t${debt.badIdentity ? 't' : 'f'}\t${debt.amountMinor}\t${debt.dueOn}\t${copyCell(debt.account)}\t` +
    `${copyCell(debt.name)}\t${copyCell(debt.foldedName)}\t${copyCell(debt.identity)}\t${copyCell(debt.iban)}\t${copyCell(debt.address)}\t` +
    `${debt.addressZones.join(' ')}\t${debt.regions.join(' ')}\t${copyCell(debt.product)}\t${copyCell(debt.language)}\t\\\\x${debt.digest}\t` +
    `{${numbers}}\t${facts}${related}\n`
  );
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
/** What hardly a cell has: marks that COPY reads otherwise, and control marks and halves of surrogate pairs, of which PostgreSQL does not keep all. */
// eslint-disable-next-line no-control-regex -- these are what is looked for; by their ranges they are found twice as fast as by their category
const UNUSUAL = /[\u0000-\u001f\\\u007f-\u009f\ud800-\udfff]/;

function copyCell(value: string | null): string {
  if (value === null) return '\\N';
  if (!UNUSUAL.test(value)) return value;
  return value
    .replaceAll('\u0000', '')
    .toWellFormed()
    .replaceAll(/[\\\t\n\r]/g, (mark) => ESCAPES[mark] ?? mark);
}
