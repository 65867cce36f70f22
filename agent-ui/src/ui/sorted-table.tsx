import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_basic,
  tableFeatures,
  useTable,
  type CellData,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, type ReactNode } from 'react';
import { useLocale } from '../i18n/locale.tsx';
import { Icon } from './icons.tsx';
import './sorted-table.css';

export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** What the column sorts by; without it, it does not. */
  sortBy?: (row: Row) => string | number;
  /** Figures stand at the end of their column. */
  figure?: boolean;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel(), sortFns: { basic: sortFn_basic } });

const ROW_PX = 52;
/** Up to here all rows stand in the page, which reads and prints best. */
const ALL_IN_PAGE = 80;

/** A table that sorts by its headers and keeps only the rows in view in the page when there are many. */
export function SortedTable<Row>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
  testId,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  empty: ReactNode;
  testId?: string;
}): ReactNode {
  const { language } = useLocale();
  const collator = useMemo(() => new Intl.Collator(language, { numeric: true }), [language]);
  const helper = useMemo(() => createColumnHelper<typeof features, Row & object>(), []);
  const definitions = useMemo(
    () =>
      columns.map((column) =>
        helper.accessor((row): CellData => column.sortBy?.(row) ?? '', {
          id: column.id,
          enableSorting: column.sortBy !== undefined,
          sortFn: (a, b, id) => {
            const [one, other] = [a.getValue<string | number>(id), b.getValue<string | number>(id)];
            return typeof one === 'number' && typeof other === 'number'
              ? one - other
              : collator.compare(String(one), String(other));
          },
        }),
      ),
    [columns, helper, collator],
  );
  const data = useMemo(() => [...rows] as (Row & object)[], [rows]);
  const table = useTable({ features, columns: definitions, data, getRowId: (row) => rowKey(row) });
  const sorted = table.getRowModel().rows;
  const box = useRef<HTMLDivElement>(null);
  const many = sorted.length > ALL_IN_PAGE;
  // oxlint-disable-next-line react/incompatible-library -- nothing here is memoised by a compiler
  const virtual = useVirtualizer({
    count: many ? sorted.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const shown = many ? items.flatMap((item) => sorted[item.index] ?? []) : sorted;
  const before = many ? (items[0]?.start ?? 0) : 0;
  const after = many ? virtual.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  return (
    <section ref={box} className={many ? 'table-box many' : 'table-box'} aria-label={caption} data-testid={testId}>
      <table className="table" aria-rowcount={sorted.length + 1}>
        <caption className="hidden-text">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => {
              const header = table.getColumn(column.id);
              const order = header?.getIsSorted() ?? false;
              return (
                <th
                  key={column.id}
                  scope="col"
                  className={column.figure ? 'figure-cell' : undefined}
                  {...(column.sortBy
                    ? { 'aria-sort': order === 'asc' ? 'ascending' : order === 'desc' ? 'descending' : 'none' }
                    : {})}
                >
                  {column.sortBy ? (
                    <button type="button" className="table-sort" onClick={() => header?.toggleSorting()}>
                      {column.header}
                      <span className={`table-order ${order === false ? '' : order}`}>
                        <Icon name="chevron" />
                      </span>
                    </button>
                  ) : (
                    column.header
                  )}
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 ? <tr aria-hidden="true" style={{ height: before }} /> : null}
          {shown.map((row) => (
            <tr key={row.id} aria-rowindex={row.index + 2}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.id} scope="row">
                    {column.cell(row.original)}
                  </th>
                ) : (
                  <td key={column.id} className={column.figure ? 'figure-cell figure' : undefined}>
                    {column.cell(row.original)}
                  </td>
                ),
              )}
            </tr>
          ))}
          {after > 0 ? <tr aria-hidden="true" style={{ height: after }} /> : null}
        </tbody>
      </table>
      {rows.length === 0 ? <div className="table-empty">{empty}</div> : null}
    </section>
  );
}
