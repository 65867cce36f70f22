-- Which abandonment rule a campaign's calls were dialed under, and since when: whoever ends a call of a former dialer judges it by that.
create table abandonment_rule (
  campaign_id uuid not null references campaign (id) on delete cascade,
  since timestamptz not null default clock_timestamp(),
  rule jsonb not null,
  primary key (campaign_id, since)
);

-- What of a trunk each floor's dialer may use, for as long as it says so again: floors that share a trunk keep its limits together.
create table trunk_share (
  trunk text not null references trunk (name) on delete cascade,
  floor_id text not null references floor (id) on delete cascade,
  channels integer not null,
  calls_per_second double precision not null,
  -- It has a running campaign on the trunk: who has none leaves the lines to the others.
  wants boolean not null,
  until timestamptz not null,
  primary key (trunk, floor_id)
);
