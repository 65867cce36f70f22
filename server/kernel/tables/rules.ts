import type { ColumnType, Generated } from 'kysely';

/** What is lawful: rule packs, what tightens them, days off. */
export interface RuleTables {
  rule_pack: RulePackTable;
  rule_override: RuleOverrideTable;
  holiday: HolidayTable;
  holiday_change: HolidayChangeTable;
  rule_set: RuleSetTable;
  overridden_warning: OverriddenWarningTable;
}

interface RulePackTable {
  pack: string;
  version: number;
  author: string;
  reason: string;
  effective_from: string;
  effective_at: ColumnType<Temporal.Instant, string, string>;
  body: ColumnType<unknown, string, string>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface RuleOverrideTable {
  scope: 'creditor' | 'campaign';
  subject_id: string;
  tightens: string;
  version: number;
  author: string;
  reason: string;
  effective_from: string;
  effective_at: ColumnType<Temporal.Instant, string, string>;
  body: ColumnType<unknown, string, string>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface HolidayTable {
  id: Generated<string>;
  country: string;
  date: string;
  name: string;
  status: 'confirmed' | 'proposed' | 'removed';
  lunar: Generated<boolean>;
  decided_by: string | null;
  decided_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface HolidayChangeTable {
  id: Generated<bigint>;
  country: string;
  date: string;
  name: string;
  closes: boolean;
  at: ColumnType<Temporal.Instant, string, string>;
}

interface RuleSetTable {
  only_one: Generated<boolean>;
  version: bigint;
}

interface OverriddenWarningTable {
  id: Generated<string>;
  party_id: string;
  rule: string;
  reason: string;
  overridden_by: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
  ends_at: ColumnType<Temporal.Instant, string, string>;
  withdrawn_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}
