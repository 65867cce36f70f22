-- How a campaign's debtors stood when they were last counted. Counting reads the campaign's whole queue, so that it is done the more
-- seldom the longer it takes, by one process for all.
create table campaign_callable (
  campaign_id uuid primary key references campaign on delete cascade,
  -- Null while nobody has counted.
  figures jsonb,
  counted_at timestamptz not null default '-infinity',
  took_ms integer not null default 0,
  -- Since when somebody has been counting; a process that died counting holds the others off for a while only.
  claimed_at timestamptz
);

-- Segments of a campaign's debtors that people keep under a name.
create table saved_segment (
  id uuid primary key default uuidv7(),
  campaign_id uuid not null references campaign on delete cascade,
  name text not null check (name <> ''),
  body jsonb not null,
  version integer not null default 1,
  changed_by uuid references app_user,
  changed_at timestamptz not null default clock_timestamp()
);
create unique index saved_segment_by_name on saved_segment (campaign_id, lower(name));

-- A debtor's file shows the holds that were released too.
create index hold_of_party on hold (party_id);
