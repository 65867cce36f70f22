import { Link } from '@tanstack/react-router';
import type { Column } from '../ui/sorted-table.tsx';

/** The column of a table of debtors that names them and leads to their files. */
export function debtorColumn<Row extends { partyId: string; displayName: string }>(header: string): Column<Row> {
  return {
    id: 'name',
    header,
    sortBy: (row) => row.displayName,
    cell: (row) => (
      <Link to="/admin/debtors/$partyId" params={{ partyId: row.partyId }}>
        <bdi>{row.displayName}</bdi>
      </Link>
    ),
  };
}
