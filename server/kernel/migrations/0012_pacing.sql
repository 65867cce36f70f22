-- What a pacer had learnt when its dialer last wrote it down: a successor on any machine goes on from there.
create table pacing_memory (
  campaign_id uuid primary key references campaign (id) on delete cascade,
  snapshot bytea not null,
  seq double precision not null,
  last_id double precision not null,
  calls double precision[] not null,
  agents double precision[] not null,
  saved_at timestamptz not null default clock_timestamp()
);

-- Pacing settings tried on a simulated floor before they are saved: the present ones and those proposed, beside each other.
create table pacing_trial (
  id uuid primary key default uuidv7(),
  campaign_id uuid not null references campaign (id) on delete cascade,
  asked_by uuid not null references app_user (id),
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  present jsonb not null,
  proposed jsonb not null,
  -- The share of its days that are played, 0–1.
  progress real not null default 0,
  result jsonb,
  asked_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index pacing_trial_campaign on pacing_trial (campaign_id, asked_at desc);
