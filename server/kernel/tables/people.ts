import type { ColumnType, Generated } from 'kysely';

/** Who signs in, and who is called: parties, their numbers, and who is whom. */
export interface PeopleTables {
  app_user: AppUserTable;
  sign_in_session: SignInSessionTable;
  party: PartyTable;
  phone: PhoneTable;
  party_phone: PartyPhoneTable;
  party_iban: PartyIbanTable;
  match_proposal: MatchProposalTable;
  person_merge: PersonMergeTable;
  hold: HoldTable;
  consent: ConsentTable;
  preference: PreferenceTable;
}

interface AppUserTable {
  id: Generated<string>;
  login: string;
  display_name: string;
  role: 'agent' | 'supervisor' | 'admin';
  password_hash: string;
  language: Generated<'en' | 'ar' | 'fa'>;
  station_kind: Generated<'browser' | 'sip'>;
  demo: Generated<boolean>;
  disabled_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  /** ISO 639-1. */
  languages: Generated<string[]>;
  skills: Generated<string[]>;
}

interface SignInSessionTable {
  token_hash: Buffer;
  user_id: string;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  expires_at: ColumnType<Temporal.Instant, string, string>;
  revoked_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface PartyTable {
  id: Generated<string>;
  kind: Generated<'person' | 'company'>;
  display_name: string;
  folded_name: string;
  identity_kind: string | null;
  identity_value: string | null;
  country: string;
  address: string | null;
  language: string | null;
  time_zones: Generated<string[]>;
  /** ISO 3166-2, of the address. */
  regions: Generated<string[]>;
  demo: Generated<boolean>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  merged_into: string | null;
}

interface PhoneTable {
  id: Generated<string>;
  e164: string;
  country: string;
  number_type: Generated<string>;
  time_zones: Generated<string[]>;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
}

interface PartyPhoneTable {
  party_id: string;
  phone_id: string;
  rank: Generated<number>;
  state: Generated<'active' | 'wrong' | 'revoked' | 'retired'>;
  place: Generated<'work' | 'other'>;
}

interface PartyIbanTable {
  party_id: string;
  iban: string;
}

interface MatchProposalTable {
  id: Generated<string>;
  party_a: string;
  party_b: string;
  reason: 'same_name_and_phone' | 'same_iban' | 'same_name_and_address';
  state: Generated<'open' | 'merged' | 'rejected'>;
  import_id: string | null;
  created_at: ColumnType<Temporal.Instant, string | undefined, string>;
  decided_by: string | null;
  decided_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface PersonMergeTable {
  id: Generated<string>;
  kept_id: string;
  gone_id: string;
  moved: ColumnType<unknown, string, string>;
  merged_by: string | null;
  merged_at: ColumnType<Temporal.Instant, string | undefined, string>;
  undone_by: string | null;
  undone_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}

interface HoldTable {
  id: Generated<string>;
  party_id: string;
  debt_id: string | null;
  phone_id: string | null;
  kind: string;
  starts_at: ColumnType<Temporal.Instant, string | undefined, string>;
  ends_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  released_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
  attempt_id: string | null;
  created_by: string | null;
}

interface ConsentTable {
  id: Generated<string>;
  party_id: string;
  phone_id: string | null;
  channel: string;
  kind: string;
  granted: boolean;
  source: string | null;
  reason: string | null;
  recorded_by: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
}

/** A time of the week, or a place, at which a person does not want to be called. */
interface PreferenceTable {
  id: Generated<string>;
  party_id: string;
  days: number[] | null;
  from_time: string | null;
  to_time: string | null;
  place: 'work' | 'other' | null;
  source: string;
  reason: string;
  recorded_by: string | null;
  at: ColumnType<Temporal.Instant, string | undefined, string>;
  withdrawn_at: ColumnType<Temporal.Instant | null, string | null | undefined, string | null>;
}
