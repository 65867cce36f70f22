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
