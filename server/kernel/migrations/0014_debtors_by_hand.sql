-- What people say of being contacted is written down by somebody, from something, for a reason.
alter table consent add column reason text, add column recorded_by uuid references app_user;

-- Times of the week, and places, at which a person does not want to be called; it stands until it is withdrawn.
create table preference (
  id uuid primary key default uuidv7(),
  party_id uuid not null references party,
  -- Weekdays (1 is Monday) and times of day in the person's own zone; null for a place.
  days smallint[],
  from_time text,
  to_time text,
  place text check (place in ('work', 'other')),
  source text not null,
  reason text not null,
  recorded_by uuid references app_user,
  at timestamptz not null default clock_timestamp(),
  withdrawn_at timestamptz,
  check ((place is null) = (days is not null and from_time is not null and to_time is not null))
);
create index preference_by_party on preference (party_id);

-- Where a number is known to ring; `retired`: in use no more, where `wrong` is somebody else's.
-- What stands there already fulfils both checks, so that nothing is read for them.
alter table party_phone add column place text not null default 'other';
alter table party_phone drop constraint party_phone_state_check;
alter table party_phone add constraint party_phone_state_check
  check (state in ('active', 'wrong', 'revoked', 'retired')) not valid;
alter table party_phone add constraint party_phone_place_check check (place in ('work', 'other')) not valid;

-- Debtors whom no waiting brings back: without a number that is left, or refused for ever. By campaign and reason, for a person to mend.
create index dial_queue_stuck on dial_queue (campaign_id, reason, updated_at, party_id)
  where state = 'done' and reason = 'no_number_left' or state = 'waiting' and not_before = 'infinity';
drop index dial_queue_tracing;
