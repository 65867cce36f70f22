-- A rule that only warns refuses until a supervisor lets contact with one debtor go on in spite of it: for which rule, why, until when.
create table overridden_warning (
  id uuid primary key default uuidv7(),
  party_id uuid not null references party,
  -- The rule's id, as the packs name it.
  rule text not null,
  reason text not null,
  overridden_by uuid references app_user,
  at timestamptz not null default clock_timestamp(),
  ends_at timestamptz not null,
  withdrawn_at timestamptz
);
create index overridden_warning_by_party on overridden_warning (party_id);
