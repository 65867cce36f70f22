import type { ColumnType, Generated } from 'kysely';

/** What is owed to whom, and the lists it came with. */
export interface DebtTables {
  creditor: CreditorTable;
  debt: DebtTable;
  debt_party: DebtPartyTable;
  posting: PostingTable;
  import: ImportTable;
  import_profile: ImportProfileTable;
  import_profile_version: ImportProfileVersionTable;
  import_debt_state: ImportDebtStateTable;
  listed_relation: ListedRelationTable;
  import_relation: ImportRelationTable;
}

interface CreditorTable {
  id: Generated<string>;
  name: string;
  demo: Generated<boolean>;
}

interface DebtTable {
  id: Generated<string>;
  creditor_id: string;
  account: string;
  product: string | null;
  currency: string;
  balance_minor: Generated<bigint>;
  due_on: string | null;
  state: Generated<'open' | 'paid' | 'recalled' | 'closed'>;
  listed_minor: bigint | null;
  row_digest: Buffer | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface DebtPartyTable {
  debt_id: string;
  party_id: string;
  role: Generated<'debtor' | 'co_debtor' | 'guarantor' | 'attorney'>;
}

type RelatedRole = 'co_debtor' | 'guarantor' | 'attorney';

interface ListedRelationTable {
  debt_id: string;
  role: RelatedRole;
  place: number;
  party_id: string;
  digest: string;
  brought: boolean;
}

interface ImportRelationTable {
  import_id: string;
  debt_id: string;
  role: RelatedRole;
  place: number;
  party_before: string | null;
  digest_before: string | null;
  brought_before: boolean | null;
  removed: boolean;
  party_after: string | null;
  added: boolean;
}

interface PostingTable {
  id: Generated<string>;
  debt_id: string;
  kind: 'opening' | 'adjustment' | 'payment';
  amount_minor: bigint;
  import_id: string | null;
  reference: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface ImportTable {
  id: Generated<string>;
  campaign_id: string | null;
  creditor_id: string | null;
  profile: string | null;
  own_profile_id: string | null;
  own_profile_version: number | null;
  mapping: ColumnType<unknown, string | null | undefined, string | null>;
  file_name: string;
  file_path: string;
  file_digest: string | null;
  dry_run: Generated<boolean>;
  state: Generated<'queued' | 'running' | 'done' | 'failed'>;
  progress: ColumnType<unknown, string | undefined, string>;
  result: ColumnType<unknown, string | null | undefined, string | null>;
  error: ColumnType<unknown, string | null | undefined, string | null>;
  errors_path: string | null;
  created_by: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ended_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  undone_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface ImportProfileTable {
  id: Generated<string>;
  name: string;
  version: Generated<number>;
  body: ColumnType<unknown, string, string>;
  fingerprint: string;
  changed_by: string | null;
  changed_at: ColumnType<Temporal.Instant, string | undefined, string>;
  deleted_at: ColumnType<Temporal.Instant | null, string | undefined, string>;
}

interface ImportProfileVersionTable {
  profile_id: string;
  version: number;
  name: string;
  body: ColumnType<unknown, string, string>;
  changed_by: string | null;
  changed_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface ImportDebtStateTable {
  import_id: string;
  debt_id: string;
  state_before: 'open' | 'paid' | 'recalled' | 'closed' | null;
  listed_before: bigint | null;
}
