-- Rule packs, what creditors and campaigns add to them, and holidays: law as data. A change is a new version; nothing is overwritten,
-- so that an attempt can always be held against the version that judged it.

create table rule_pack (
  pack text not null,
  version integer not null check (version > 0),
  author text not null,
  reason text not null check (reason <> ''),
  effective_from date not null,
  -- When that date begins in the pack's own zone.
  effective_at timestamptz not null,
  body jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (pack, version)
);

create table rule_override (
  scope text not null check (scope in ('creditor', 'campaign')),
  subject_id uuid not null,
  tightens text not null,
  version integer not null check (version > 0),
  author text not null,
  reason text not null check (reason <> ''),
  effective_from date not null,
  effective_at timestamptz not null,
  body jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (scope, subject_id, tightens, version)
);

-- Holidays by country (ISO 3166-1). A removed one stays, so that a starting table laid again does not bring it back.
create table holiday (
  id uuid primary key default uuidv7(),
  country text not null check (country ~ '^[A-Z]{2}$'),
  date date not null,
  name text not null check (name <> ''),
  status text not null check (status in ('confirmed', 'proposed', 'removed')),
  -- Reckoned by the moon: announced by people, days before.
  lunar boolean not null default false,
  decided_by uuid references app_user,
  decided_at timestamptz,
  unique (country, date, name)
);

-- One row: the version of the whole set, by which whoever keeps the rules compiled sees with one read that they changed.
create table rule_set (
  only_one boolean primary key default true check (only_one),
  version bigint not null default 1
);
insert into rule_set default values;

create function rule_set_changed() returns trigger
  language plpgsql
  as $$ begin update rule_set set version = version + 1; return null; end $$;

create trigger rule_pack_changed after insert or update or delete on rule_pack
  for each statement execute function rule_set_changed();
create trigger rule_override_changed after insert or update or delete on rule_override
  for each statement execute function rule_set_changed();
create trigger holiday_changed after insert or update or delete on holiday
  for each statement execute function rule_set_changed();
