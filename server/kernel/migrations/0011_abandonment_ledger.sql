-- The abandonment ledger: one row for each answered call, from which anybody can recompute the share of abandoned calls.

create table abandonment_ledger (
  attempt_id uuid primary key,
  campaign_id uuid not null,
  answered_at timestamptz not null,
  -- Null: not known, the answer stands in its place.
  greeting_ended_at timestamptz,
  -- By when an agent had to be there under the rule in force.
  deadline_at timestamptz not null,
  agent_at timestamptz,
  message_at timestamptz,
  -- Null: the switch died with the call.
  ended_at timestamptz,
  -- Answering-machine detection in the switch's words.
  detection text,
  rule jsonb not null,
  cause text not null,
  answered boolean not null,
  abandoned boolean not null,
  -- What the other side turned out to be, by whoever listened.
  corrected text check (corrected in ('human', 'machine')),
  corrected_by uuid references app_user,
  corrected_at timestamptz,
  check (answered or not abandoned),
  check ((corrected is null) = (corrected_at is null))
);
-- What counts in a window is read from this index alone.
create index abandonment_ledger_window on abandonment_ledger (campaign_id, answered_at) include (abandoned, attempt_id) where answered;

-- The thirty days of a campaign are counted from its first start.
alter table campaign add column started_at timestamptz;
update campaign set started_at = created_at where state <> 'draft';
