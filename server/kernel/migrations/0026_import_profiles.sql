-- How a creditor's files are read, kept under a name by an admin. Each change is a version; an import keeps which one it was read by.
create table import_profile (
  id uuid primary key default uuidv7(),
  name text not null check (name <> ''),
  version integer not null default 1,
  body jsonb not null,
  -- Of the header it was made from: a file with the same one is likely of its kind.
  fingerprint text not null,
  changed_by uuid references app_user,
  changed_at timestamptz not null default clock_timestamp(),
  deleted_at timestamptz
);
create unique index import_profile_by_name on import_profile (lower(name)) where deleted_at is null;

create table import_profile_version (
  profile_id uuid not null references import_profile,
  version integer not null,
  name text not null,
  body jsonb not null,
  changed_by uuid references app_user,
  changed_at timestamptz not null default clock_timestamp(),
  primary key (profile_id, version)
);

alter table import add column own_profile_id uuid, add column own_profile_version integer,
  add foreign key (own_profile_id, own_profile_version) references import_profile_version;
