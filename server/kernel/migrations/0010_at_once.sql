-- Calls that nobody has answered yet and that may go on no longer: a hold, a payment or the like came in. Written in the transaction of
-- that fact; the dialer reads it when told, and by itself every few seconds. A row of its own, so that no writer of attempts waits for it.
create table call_off (
  attempt_id uuid primary key,
  floor_id text not null,
  reason text not null,
  at timestamptz not null default clock_timestamp()
);
create index call_off_by_floor on call_off (floor_id, at);

-- Regions (ISO 3166-2) that a person's address lies in: packs of states and provinces apply by them.
alter table party add column regions text[] not null default '{}';

-- What an agent speaks (ISO 639-1) and can do; campaigns ask for it.
alter table app_user add column languages text[] not null default '{}';
alter table app_user add column skills text[] not null default '{}';

-- The queue goes by the score at this hour: of the score's percentage `hour_share`, which an hourly job keeps, since a debtor who is likelier
-- to answer in the evening is not the first to call at noon.
alter table dial_queue add column hour_share smallint not null default 100 check (hour_share between 0 and 100);
alter table dial_queue add column standing integer not null
  generated always as ((score::bigint * hour_share / 100)::integer) stored;
create index dial_queue_by_standing on dial_queue (campaign_id, band desc, standing desc, party_id) where state = 'ready';
drop index dial_queue_ready;
alter index dial_queue_by_standing rename to dial_queue_ready;

-- Debtors without a number that is left to call, to be traced.
create index dial_queue_tracing on dial_queue (updated_at desc, party_id) where state = 'done' and reason = 'no_number_left';
