-- A campaign's own recordings of the safe-harbour message; the sound itself lies in the data folder under its id.
create table campaign_message (
  id uuid primary key default uuidv7(),
  campaign_id uuid not null references campaign (id) on delete cascade,
  language text not null check (language in ('en', 'ar', 'fa')),
  version int not null,
  file_name text not null,
  sha256 text not null,
  duration_ms int not null,
  uploaded_by uuid not null references app_user (id),
  uploaded_at timestamptz not null default clock_timestamp(),
  in_force boolean not null default false,
  unique (campaign_id, language, version)
);
create unique index campaign_message_in_force on campaign_message (campaign_id, language) where in_force;

-- Numbers whose people pressed the key that ends all calls, with the call in which they did: once for each call.
create table opt_out (
  attempt_id uuid primary key,
  phone_id uuid not null references phone (id),
  pressed_at timestamptz not null,
  written_at timestamptz not null default clock_timestamp()
);
create index opt_out_by_phone on opt_out (phone_id);
