import type { CampaignTables } from './tables/campaigns.ts';
import type { ContactTables } from './tables/contacts.ts';
import type { DebtTables } from './tables/debts.ts';
import type { HistoryTables } from './tables/history.ts';
import type { PeopleTables } from './tables/people.ts';
import type { RuleTables } from './tables/rules.ts';

/**
 * The tables as Kysely sees them; the truth is `migrations/`. Moments go in as ISO strings and come out as Temporal.Instant
 * (an infinite one as null); jsonb goes in as text (`JSON.stringify`) and comes out parsed, to be read through a schema.
 */
export interface Schema extends PeopleTables, DebtTables, CampaignTables, ContactTables, RuleTables, HistoryTables {}
