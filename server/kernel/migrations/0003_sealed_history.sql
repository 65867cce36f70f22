-- ───── sealed history (I9) ─────
-- A batch seals events of one month, in the order of their ids, and names the batch before it by hash. The months are apart so that each
-- partition can be verified by itself.
create table history_batch (
  number bigint primary key,
  month date not null,
  first_id bigint not null,
  last_id bigint not null,
  -- Every event up to here is in this batch or an earlier one; the sealer goes on behind it.
  through_id bigint not null,
  events integer not null,
  -- Events in this batch and all before it.
  total bigint not null,
  -- Which ids there were: numbers of transactions that failed are missing for good.
  ids int8multirange not null,
  root bytea not null,
  -- The first eight bytes of each leaf of the tree, so that an audit can name the row that differs.
  marks bytea not null,
  previous bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null
);
alter table history_batch alter column marks set storage external;
create index history_batch_by_month on history_batch (month, last_id);

-- The statement is text, not jsonb: its bytes are signed.
create table history_head (
  day date primary key,
  first_batch bigint not null,
  last_batch bigint not null,
  statement text not null,
  signature bytea not null,
  signed_at timestamptz not null default clock_timestamp()
);

-- A table made beside its parent and then attached waits for no writer and lets none wait; one made as a partition would lock the
-- parent against all of them, behind the longest transaction under way.
create or replace function ensure_month_partitions(months_ahead integer) returns void language plpgsql as $$
declare
  month timestamptz;
  parent text;
  name text;
  bounds text;
begin
  -- Several processes may start at once: one makes them, the others find them made.
  perform pg_advisory_xact_lock(2026110903);
  for step in -1..months_ahead loop
    month := date_trunc('month', clock_timestamp() at time zone 'UTC') at time zone 'UTC' + make_interval(months => step);
    foreach parent in array array['contact_attempt', 'event'] loop
      name := parent || '_' || to_char(month at time zone 'UTC', 'YYYY_MM');
      continue when to_regclass(name) is not null;
      bounds := case parent
        when 'event' then format('from (%L) to (%L)', month, (month at time zone 'UTC' + interval '1 month') at time zone 'UTC')
        else format('from (%L) to (%L)', uuid_v7_from(month), uuid_v7_from((month at time zone 'UTC' + interval '1 month') at time zone 'UTC'))
      end;
      execute format('create table %I (like %I including defaults including constraints including storage including compression)', name, parent);
      execute format('alter table %I attach partition %I for values %s', parent, name, bounds);
    end loop;
  end loop;
end $$;
