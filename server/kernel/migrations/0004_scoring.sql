-- Scorecards as versioned data, the progress of a rescore, and how often and when each person answers.

create table scorecard_version (
  campaign_id uuid not null references campaign on delete cascade,
  version integer not null check (version > 0),
  body jsonb not null,
  note text not null,
  created_by uuid references app_user,
  created_at timestamptz not null default clock_timestamp(),
  primary key (campaign_id, version)
);
-- The weights that campaigns held among their settings become their first version.
insert into scorecard_version (campaign_id, version, body, note, created_at)
select id, 1, jsonb_build_object('order', 'score', 'debtTypes', '{}'::jsonb,
  'weights', (settings -> 'scorecard') || '{"debtType": 0, "promises": 0}'::jsonb), '', created_at
from campaign where jsonb_typeof(settings -> 'scorecard') = 'object';

-- The amount that scores half, by the campaign's currencies.
create table usual_balance (
  campaign_id uuid not null references campaign on delete cascade,
  currency text not null,
  minor bigint not null,
  primary key (campaign_id, currency)
);

create table rescore (
  campaign_id uuid primary key references campaign on delete cascade,
  version integer not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done')),
  total integer not null default 0,
  done integer not null default 0,
  -- Everybody up to here has been looked at: a rescore goes on from here after a worker's death.
  after_party uuid not null default '00000000-0000-0000-0000-000000000000',
  started_at timestamptz,
  ended_at timestamptz
);

create index posting_payments on posting (debt_id, at) where kind = 'payment';

-- Attempts that counted, those that a human answered, conversations; `hours`: by hour of the person's own week (0 is Monday's first),
-- [tries, answers].
create table contact_tally (
  party_id uuid primary key references party on delete cascade,
  tries integer not null default 0,
  answers integer not null default 0,
  conversations integer not null default 0,
  hours jsonb not null default '{}'
);

-- The same by country and type of debt, and under '' for everybody; made anew each night.
create table answer_hour (
  segment text not null,
  hour smallint not null check (hour between 0 and 167),
  tries bigint not null,
  answers bigint not null,
  primary key (segment, hour)
);

-- A zone that the database does not know must not keep a call from ending: its hours are UTC.
create function hour_of_week(moment timestamptz, zone text) returns integer language plpgsql stable as $$
declare
  here timestamp;
begin
  begin
    here := moment at time zone coalesce(zone, 'UTC');
  exception when invalid_parameter_value then
    here := moment at time zone 'UTC';
  end;
  return (extract(isodow from here)::int - 1) * 24 + extract(hour from here)::int;
end $$;

-- Triggers, because attempts end in several places and none of them may forget. A person has one live contact at most, so that two
-- transactions never count for the same person at once.
create function tally_attempt() returns trigger language plpgsql as $$
declare
  answer integer := (new.result in ('connected', 'abandoned'))::int;
  hour text := hour_of_week(new.reserved_at, (select time_zones[1] from party where id = new.party_id))::text;
begin
  insert into contact_tally as known (party_id, tries, answers, hours)
  select id, 1, answer, jsonb_build_object(hour, jsonb_build_array(1, answer)) from party where id = new.party_id
  on conflict (party_id) do update set tries = known.tries + 1, answers = known.answers + answer,
    hours = known.hours || jsonb_build_object(hour, jsonb_build_array(
      coalesce((known.hours -> hour ->> 0)::int, 0) + 1, coalesce((known.hours -> hour ->> 1)::int, 0) + answer));
  return null;
end $$;
create trigger contact_attempt_tally after update of state on contact_attempt for each row
  when (old.state <> 'ended' and new.state = 'ended' and new.counts) execute function tally_attempt();

create function tally_conversation() returns trigger language plpgsql as $$
begin
  insert into contact_tally as known (party_id, conversations)
  select said.party_id, count(*) from (select distinct party_id, attempt_id from written) said
  join party on party.id = said.party_id
  -- Further debts of a conversation that is counted already add nothing.
  where not exists (
    select from conversation_debt earlier where earlier.attempt_id = said.attempt_id
      and not exists (select from written where written.attempt_id = earlier.attempt_id and written.debt_id = earlier.debt_id))
  group by said.party_id order by said.party_id
  on conflict (party_id) do update set conversations = known.conversations + excluded.conversations;
  return null;
end $$;
create trigger conversation_tally after insert on conversation_debt referencing new table as written
  for each statement execute function tally_conversation();

-- Counts people anew from what is written of them (null: everybody), for those whose attempts came or went in another way.
create function recount_contacts(parties uuid[] default null) returns void language sql as $$
  insert into contact_tally as known (party_id, tries, answers, conversations, hours)
  select party_id, coalesce(tried.tries, 0), coalesce(tried.answers, 0), coalesce(said.count, 0), coalesce(tried.hours, '{}')
  from (
    select party_id, sum(tries)::int as tries, sum(answers)::int as answers,
      jsonb_object_agg(hour, jsonb_build_array(tries, answers)) as hours
    from (
      select a.party_id, hour_of_week(a.reserved_at, p.time_zones[1])::text as hour, count(*) as tries,
        count(*) filter (where a.result in ('connected', 'abandoned')) as answers
      from contact_attempt a join party p on p.id = a.party_id
      where a.state = 'ended' and a.counts and (parties is null or a.party_id = any(parties)) group by 1, 2
    ) by_hour group by party_id
  ) tried
  full join (
    select c.party_id, count(distinct c.attempt_id)::int as count from conversation_debt c join party p on p.id = c.party_id
    where parties is null or c.party_id = any(parties) group by c.party_id
  ) said using (party_id)
  order by party_id
  on conflict (party_id) do update set tries = excluded.tries, answers = excluded.answers, conversations = excluded.conversations,
    hours = excluded.hours;
$$;
select recount_contacts();
