-- The first schema. Money: bigint minor units beside an ISO 4217 code. Times: timestamptz. Ids: UUID v7, so that a table
-- partitioned by id is partitioned by time and one key finds its partition.

create function uuid_v7_from(moment timestamptz) returns uuid
  language sql immutable strict parallel safe
  as $$ select (lpad(to_hex((extract(epoch from moment) * 1000)::bigint), 12, '0') || '0000' || '0000' || '000000000000')::uuid $$;

-- ───── access ─────
create table app_user (
  id uuid primary key default uuidv7(),
  login text not null unique check (login = lower(login)),
  display_name text not null,
  role text not null check (role in ('agent', 'supervisor', 'admin')),
  password_hash text not null,
  language text not null default 'en' check (language in ('en', 'ar', 'fa')),
  station_kind text not null default 'browser' check (station_kind in ('browser', 'sip')),
  demo boolean not null default false,
  disabled_at timestamptz,
  created_at timestamptz not null default clock_timestamp()
);

create table sign_in_session (
  token_hash bytea primary key,
  user_id uuid not null references app_user on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index sign_in_session_by_user on sign_in_session (user_id);

-- ───── debtors ─────
create table creditor (
  id uuid primary key default uuidv7(),
  name text not null unique,
  demo boolean not null default false
);

create table party (
  id uuid primary key default uuidv7(),
  kind text not null default 'person' check (kind in ('person', 'company')),
  display_name text not null,
  folded_name text not null,
  identity_kind text,
  identity_value text,
  country text not null,
  address text,
  language text,
  time_zones text[] not null default '{}',
  demo boolean not null default false,
  created_at timestamptz not null default clock_timestamp(),
  check ((identity_kind is null) = (identity_value is null))
);
create unique index party_by_identity on party (country, identity_kind, identity_value) where identity_value is not null;
create index party_by_folded_name on party (folded_name);

create table phone (
  id uuid primary key default uuidv7(),
  e164 text not null unique check (e164 ~ '^\+[1-9][0-9]{5,14}$'),
  country text not null,
  number_type text not null default 'unknown',
  time_zones text[] not null default '{}',
  created_at timestamptz not null default clock_timestamp()
);

create table party_phone (
  party_id uuid not null references party on delete cascade,
  phone_id uuid not null references phone,
  rank smallint not null default 0,
  state text not null default 'active' check (state in ('active', 'wrong', 'revoked')),
  primary key (party_id, phone_id)
);
create index party_phone_by_phone on party_phone (phone_id);

create table import (
  id uuid primary key default uuidv7(),
  campaign_id uuid,
  creditor_id uuid references creditor,
  profile text,
  mapping jsonb,
  file_name text not null,
  file_path text not null,
  file_digest text,
  dry_run boolean not null default false,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  progress jsonb not null default '{}',
  result jsonb,
  error jsonb,
  errors_path text,
  created_by uuid references app_user,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);

create table debt (
  id uuid primary key default uuidv7(),
  creditor_id uuid not null references creditor,
  account text not null,
  product text,
  currency text not null,
  balance_minor bigint not null default 0,
  due_on date,
  state text not null default 'open' check (state in ('open', 'paid', 'recalled', 'closed')),
  -- What the creditor's last list said: the amount, so that a payment booked here is not undone by a list that repeats itself.
  listed_minor bigint,
  row_digest bytea,
  created_at timestamptz not null default clock_timestamp(),
  unique (creditor_id, account)
);

create table debt_party (
  debt_id uuid not null references debt on delete cascade,
  party_id uuid not null references party,
  role text not null default 'debtor' check (role in ('debtor', 'co_debtor', 'guarantor', 'attorney')),
  primary key (debt_id, party_id)
);
create index debt_party_by_party on debt_party (party_id);

create table posting (
  id uuid primary key default uuidv7(),
  debt_id uuid not null references debt on delete cascade,
  kind text not null check (kind in ('opening', 'adjustment', 'payment')),
  amount_minor bigint not null,
  import_id uuid references import,
  at timestamptz not null default clock_timestamp()
);
create index posting_by_debt on posting (debt_id);

create table hold (
  id uuid primary key default uuidv7(),
  party_id uuid not null references party,
  debt_id uuid references debt,
  phone_id uuid references phone,
  kind text not null,
  starts_at timestamptz not null default clock_timestamp(),
  ends_at timestamptz,
  released_at timestamptz,
  attempt_id uuid,
  created_by uuid references app_user
);
create index hold_by_party on hold (party_id) where released_at is null;

create table consent (
  id uuid primary key default uuidv7(),
  party_id uuid not null references party,
  phone_id uuid references phone,
  channel text not null,
  kind text not null,
  granted boolean not null,
  source text,
  at timestamptz not null default clock_timestamp()
);
create index consent_by_party on consent (party_id);

-- ───── telephony and floors ─────
create table trunk (
  name text primary key,
  kind text not null check (kind in ('demo', 'real')),
  uri text not null,
  armed boolean not null default false,
  channel_limit integer not null check (channel_limit > 0),
  calls_per_second numeric(6, 2) not null check (calls_per_second > 0),
  updated_at timestamptz not null default clock_timestamp()
);

create table floor (
  id text primary key,
  owner text,
  epoch bigint not null default 0,
  expires_at timestamptz not null default '-infinity'
);
insert into floor (id) values ('main');

-- ───── campaigns ─────
create table campaign (
  id uuid primary key default uuidv7(),
  name text not null unique,
  floor_id text not null default 'main' references floor,
  creditor_id uuid references creditor,
  state text not null default 'draft' check (state in ('draft', 'running', 'paused', 'ended')),
  settings jsonb not null,
  version integer not null default 1,
  demo boolean not null default false,
  created_at timestamptz not null default clock_timestamp()
);
alter table import add foreign key (campaign_id) references campaign;

create table campaign_agent (
  campaign_id uuid not null references campaign on delete cascade,
  user_id uuid not null references app_user on delete cascade,
  primary key (campaign_id, user_id)
);
create index campaign_agent_by_user on campaign_agent (user_id);

-- A debt works in the campaign its list was imported into.
create table campaign_debt (
  campaign_id uuid not null references campaign on delete cascade,
  debt_id uuid not null references debt,
  primary key (campaign_id, debt_id)
);
create index campaign_debt_by_debt on campaign_debt (debt_id);

-- ───── queue ─────
create table dial_queue (
  campaign_id uuid not null references campaign on delete cascade,
  party_id uuid not null references party,
  state text not null default 'ready' check (state in ('ready', 'waiting', 'reserved', 'done')),
  band smallint not null default 0,
  score integer not null default 0,
  score_reasons jsonb not null default '[]',
  not_before timestamptz not null default '-infinity',
  reason text,
  tries integer not null default 0,
  phone_id uuid references phone,
  callback_id uuid,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (campaign_id, party_id)
);
create index dial_queue_ready on dial_queue (campaign_id, band desc, score desc, party_id) where state = 'ready';
create index dial_queue_waiting on dial_queue (not_before) where state = 'waiting';
create index dial_queue_by_party on dial_queue (party_id);

create table contact_attempt (
  id uuid primary key,
  channel text not null default 'call',
  campaign_id uuid not null,
  floor_id text not null,
  epoch bigint not null,
  party_id uuid not null,
  phone_id uuid not null,
  creditor_id uuid,
  number text not null,
  state text not null default 'reserved'
    check (state in ('reserved', 'dialing', 'ringing', 'answered', 'screening', 'waiting', 'connected', 'ended')),
  result text check (result in ('connected', 'abandoned', 'screened', 'no_answer', 'busy', 'failed', 'cancelled', 'lost')),
  counts boolean not null default true,
  cause integer,
  tech_cause text,
  ending text,
  verdict jsonb not null,
  inputs_digest text not null,
  permit_until timestamptz not null,
  ring_timeout_ms integer not null,
  trunk text,
  caller_id text,
  agent_id uuid,
  screening jsonb,
  reserved_at timestamptz not null,
  dialing_at timestamptz,
  ringing_at timestamptz,
  answered_at timestamptz,
  greeting_ended_at timestamptz,
  waiting_at timestamptz,
  connected_at timestamptz,
  message_at timestamptz,
  ended_at timestamptz,
  check ((state = 'ended') = (result is not null))
) partition by range (id);
create index contact_attempt_by_party on contact_attempt (party_id, reserved_at);
create index contact_attempt_by_phone on contact_attempt (phone_id, reserved_at);
create index contact_attempt_open on contact_attempt (floor_id, epoch) where state <> 'ended';
create index contact_attempt_by_campaign on contact_attempt (campaign_id, reserved_at);

create table attempt_debt (
  attempt_id uuid not null,
  debt_id uuid not null,
  reserved_at timestamptz not null,
  primary key (attempt_id, debt_id)
);
create index attempt_debt_by_debt on attempt_debt (debt_id, reserved_at);

create table conversation_debt (
  attempt_id uuid not null,
  debt_id uuid not null,
  party_id uuid not null,
  at timestamptz not null,
  primary key (attempt_id, debt_id)
);
create index conversation_debt_by_debt on conversation_debt (debt_id, at);
create index conversation_debt_by_party on conversation_debt (party_id, at);

-- Invariant I2: one live contact per person and per phone, whatever the number, campaign or channel.
create table live_contact (
  party_id uuid primary key,
  phone_id uuid not null unique,
  attempt_id uuid not null unique,
  channel text not null,
  since timestamptz not null default clock_timestamp()
);

create table call_leg (
  id uuid primary key,
  attempt_id uuid not null,
  trunk text not null,
  node text not null,
  cause integer,
  tech_cause text,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index call_leg_by_attempt on call_leg (attempt_id);

-- ───── agents ─────
create table agent_state (
  agent_id uuid primary key references app_user,
  floor_id text not null references floor,
  epoch bigint not null,
  seq bigint not null,
  state text not null,
  body jsonb not null,
  updated_at timestamptz not null default clock_timestamp()
);

create table segment (
  id uuid primary key default uuidv7(),
  attempt_id uuid not null,
  agent_id uuid not null references app_user,
  from_at timestamptz not null,
  to_at timestamptz,
  unique (attempt_id, agent_id, from_at)
);

create table outcome (
  attempt_id uuid primary key,
  agent_id uuid references app_user,
  code text not null,
  fields jsonb not null,
  effect jsonb not null,
  note text,
  at timestamptz not null default clock_timestamp()
);

create table attempt_note (
  attempt_id uuid primary key,
  agent_id uuid not null references app_user,
  body text not null,
  version integer not null default 1,
  updated_at timestamptz not null default clock_timestamp()
);

create table promise (
  id uuid primary key default uuidv7(),
  attempt_id uuid not null,
  party_id uuid not null references party,
  debt_id uuid references debt,
  amount_minor bigint not null check (amount_minor > 0),
  currency text not null,
  due_on date not null,
  state text not null default 'open' check (state in ('open', 'kept', 'broken', 'cancelled')),
  agent_id uuid references app_user,
  created_at timestamptz not null default clock_timestamp()
);
create index promise_by_party on promise (party_id);

create table callback (
  id uuid primary key default uuidv7(),
  campaign_id uuid not null references campaign,
  party_id uuid not null references party,
  phone_id uuid references phone,
  attempt_id uuid not null,
  at timestamptz not null,
  agent_id uuid references app_user,
  state text not null default 'open' check (state in ('open', 'done', 'cancelled')),
  created_at timestamptz not null default clock_timestamp()
);
create index callback_by_party on callback (party_id) where state = 'open';

-- ───── history (I9) and outbox ─────
create table event (
  id bigint generated always as identity,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  subject text not null,
  subject_id text not null,
  actor text,
  body jsonb,
  salt bytea,
  leaf bytea not null,
  primary key (id, at)
) partition by range (at);
create index event_by_subject on event (subject_id, id);

create table outbox (
  id bigint generated always as identity primary key,
  job text not null,
  key text not null unique,
  payload jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz
);
create index outbox_unsent on outbox (id) where sent_at is null;

-- Months are made ahead of time, at each start and daily by the worker.
create function ensure_month_partitions(months_ahead integer) returns void language plpgsql as $$
declare
  month timestamptz;
  name text;
begin
  for step in -1..months_ahead loop
    month := date_trunc('month', clock_timestamp() at time zone 'UTC') at time zone 'UTC' + make_interval(months => step);
    name := to_char(month at time zone 'UTC', 'YYYY_MM');
    if to_regclass('contact_attempt_' || name) is null then
      execute format('create table %I partition of contact_attempt for values from (%L) to (%L)',
        'contact_attempt_' || name, uuid_v7_from(month), uuid_v7_from(month + interval '1 month'));
    end if;
    if to_regclass('event_' || name) is null then
      execute format('create table %I partition of event for values from (%L) to (%L)', 'event_' || name, month, month + interval '1 month');
    end if;
  end loop;
end $$;
create table contact_attempt_earlier partition of contact_attempt for values from (minvalue) to (uuid_v7_from(date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '1 month'));
create table event_earlier partition of event for values from (minvalue) to (date_trunc('month', now() at time zone 'UTC') at time zone 'UTC' - interval '1 month');
select ensure_month_partitions(13);
