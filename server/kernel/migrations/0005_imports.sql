-- Daily files of a creditor, imports taken back, people matched by hand.

-- When an import was taken back again.
alter table import add column undone_at timestamptz;

-- What a creditor calls a payment by: the same payment sent twice is posted once.
alter table posting add column reference text;
create unique index posting_by_reference on posting (debt_id, reference) where reference is not null;

-- The state a debt was in before an import changed it, so that the import can be taken back.
create table import_debt_state (
  import_id uuid not null references import,
  debt_id uuid not null references debt on delete cascade,
  state_before text not null,
  primary key (import_id, debt_id)
);

-- An account number of the debtor's at a bank, checked (ISO 13616). Two people may share one.
create table party_iban (
  party_id uuid not null references party on delete cascade,
  iban text not null,
  primary key (party_id, iban)
);
create index party_iban_by_iban on party_iban (iban);

-- Two people who may be one: a person decides.
create table match_proposal (
  id uuid primary key default uuidv7(),
  party_a uuid not null references party,
  party_b uuid not null references party,
  reason text not null check (reason in ('same_name_and_phone', 'same_iban', 'same_name_and_address')),
  state text not null default 'open' check (state in ('open', 'merged', 'rejected')),
  import_id uuid references import,
  created_at timestamptz not null default clock_timestamp(),
  decided_by uuid references app_user,
  decided_at timestamptz,
  unique (party_a, party_b),
  check (party_a < party_b)
);
create index match_proposal_open on match_proposal (id) where state = 'open';

-- A merge, with what it moved, so that it can be undone.
create table person_merge (
  id uuid primary key default uuidv7(),
  kept_id uuid not null references party,
  gone_id uuid not null references party,
  moved jsonb not null,
  merged_by uuid references app_user,
  merged_at timestamptz not null default clock_timestamp(),
  undone_by uuid references app_user,
  undone_at timestamptz
);
create index person_merge_by_gone on person_merge (gone_id) where undone_at is null;
alter table party add column merged_into uuid references party;
