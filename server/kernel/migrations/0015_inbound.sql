-- Calls that come in: people who call the number that they were shown.
create table inbound_call (
  id uuid primary key,
  -- The switch's own name of the leg.
  leg_id text not null,
  floor_id text not null,
  campaign_id uuid references campaign on delete cascade,
  -- E.164: the number called, and the caller's where the carrier told it.
  called text not null,
  number text,
  phone_id uuid references phone,
  -- People who may be calling, the likeliest first: a number alone proves nobody.
  candidates uuid[] not null default '{}',
  -- Who it is, as the agent has confirmed.
  party_id uuid references party,
  trunk text not null,
  agent_id uuid references app_user,
  entered_at timestamptz not null,
  connected_at timestamptz,
  ended_at timestamptz,
  result text check (result in ('talked', 'hung_up', 'callback', 'voicemail', 'closed', 'unserved', 'lost')),
  -- What the agent recorded where nobody was confirmed; of a confirmed person it stands with the attempt.
  outcome text,
  note text,
  voicemail_seconds integer,
  voicemail_deleted_at timestamptz,
  -- Somebody has seen to it.
  handled_at timestamptz,
  handled_by uuid references app_user,
  check ((ended_at is null) = (result is null))
);
create index inbound_call_open on inbound_call (floor_id) where ended_at is null;
create index inbound_call_entered on inbound_call (floor_id, entered_at desc);
create index inbound_call_voicemail on inbound_call (ended_at) where voicemail_seconds is not null and voicemail_deleted_at is null;

-- A contact may have been begun by the person. It is a conversation like any other, and no try of ours.
alter table contact_attempt add column direction text not null default 'outbound' check (direction in ('outbound', 'inbound'));

drop trigger contact_attempt_tally on contact_attempt;
create trigger contact_attempt_tally after update of state on contact_attempt for each row
  when (old.state <> 'ended' and new.state = 'ended' and new.counts and new.direction = 'outbound') execute function tally_attempt();

create or replace function recount_contacts(parties uuid[] default null) returns void language sql as $$
  insert into contact_tally as known (party_id, tries, answers, conversations, hours)
  select party_id, coalesce(tried.tries, 0), coalesce(tried.answers, 0), coalesce(said.count, 0), coalesce(tried.hours, '{}')
  from (
    select party_id, sum(tries)::int as tries, sum(answers)::int as answers,
      jsonb_object_agg(hour, jsonb_build_array(tries, answers)) as hours
    from (
      select a.party_id, hour_of_week(a.reserved_at, p.time_zones[1])::text as hour, count(*) as tries,
        count(*) filter (where a.result in ('connected', 'abandoned')) as answers
      from contact_attempt a join party p on p.id = a.party_id
      where a.state = 'ended' and a.counts and a.direction = 'outbound' and (parties is null or a.party_id = any(parties)) group by 1, 2
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
