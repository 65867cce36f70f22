-- Numbers on which nobody is called, whomever they reach: told to us in a call, or by a list that was uploaded.

create table do_not_call_list (
  id uuid primary key default uuidv7(),
  name text not null check (name <> ''),
  source text not null check (source in ('registry', 'creditor', 'court', 'own')),
  -- Calls alone, or every channel: then a consent given later does not bring the number back.
  blocks text not null check (blocks in ('calls', 'everything')),
  -- Where numbers in national form are at home (ISO 3166-1).
  country text not null,
  -- The last day of it, and when that has ended everywhere in the country.
  until date,
  expires_at timestamptz not null default 'infinity',
  file_name text not null,
  file_path text not null,
  file_digest text,
  errors_path text not null,
  dry_run boolean not null default false,
  demo boolean not null default false,
  state text not null default 'queued' check (state in ('queued', 'running', 'done', 'failed')),
  progress jsonb not null default '{}',
  result jsonb,
  error jsonb,
  created_by uuid references app_user,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  -- When its numbers were let go: taken back by somebody, or (null) by its last day.
  lifted_at timestamptz,
  lifted_by uuid references app_user
);

create table do_not_call (
  -- The list, or the call in which it was said.
  source_id uuid not null,
  e164 text not null,
  said_at timestamptz not null,
  blocks text not null default 'calls' check (blocks in ('calls', 'everything')),
  expires_at timestamptz not null default 'infinity',
  primary key (source_id, e164)
);
create index do_not_call_by_number on do_not_call (e164);

insert into do_not_call (source_id, e164, said_at)
select said.attempt_id, phone.e164, said.pressed_at from opt_out said join phone on phone.id = said.phone_id;

-- What agents were told before numbers were put on the list for it.
insert into do_not_call (source_id, e164, said_at)
select said.attempt_id, phone.e164, said.at
from outcome said join contact_attempt call on call.id = said.attempt_id join phone on phone.id = call.phone_id
where said.code = 'do_not_call' and said.fields ->> 'scope' = 'number' on conflict do nothing;
insert into do_not_call (source_id, e164, said_at)
select id, number, coalesce(ended_at, entered_at) from inbound_call where outcome = 'do_not_call' and number is not null on conflict do nothing;

-- A process of the version before still writes there.
create function pass_on_opt_out() returns trigger language plpgsql as $$
begin
  insert into do_not_call (source_id, e164, said_at) select new.attempt_id, e164, new.pressed_at from phone where id = new.phone_id
  on conflict do nothing;
  return null;
end $$;
create trigger opt_out_passed_on after insert on opt_out for each row execute function pass_on_opt_out();
