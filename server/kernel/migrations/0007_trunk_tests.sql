-- A test call before a real trunk is armed.

-- Stands for what the settings say of a trunk and no column holds (account, form of numbers): another one is another trunk.
alter table trunk add column account_digest text;

-- One row for each test call; its id is the leg's. Of the number only the last digits are kept.
create table trunk_test (
  id uuid primary key,
  trunk text not null references trunk,
  -- Of the trunk's settings at the time: proves nothing of any others.
  digest text not null,
  number_end text not null,
  asked_by uuid not null references app_user,
  floor_id text not null references floor,
  -- Of the dialer that took it; null until then.
  epoch bigint,
  state text not null default 'asked' check (state in ('asked', 'dialing', 'ringing', 'answered', 'ended')),
  result text check (
    result in ('passed', 'no_key', 'no_answer', 'busy', 'declined', 'dead_number', 'congestion', 'trunk_fault', 'failed', 'not_sent', 'unknown')
  ),
  cause integer,
  tech_cause text,
  asked_at timestamptz not null default clock_timestamp(),
  -- A test that has not ended by then has been lost sight of.
  deadline_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'ended') = (result is not null))
);
create index trunk_test_latest on trunk_test (trunk, asked_at desc);
-- One at a time.
create unique index trunk_test_open on trunk_test (trunk) where state <> 'ended';
