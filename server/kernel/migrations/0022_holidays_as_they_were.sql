-- Every decision about a holiday, so that a moment of the past is judged by the days that were known to be kept then, and a verdict says
-- by which state of a country's calendar it was made.
create table holiday_change (
  id bigint generated always as identity primary key,
  country text not null,
  date date not null,
  name text not null,
  closes boolean not null,
  at timestamptz not null
);
create index holiday_change_by_country on holiday_change (country, id);

-- What no person decided stood there from the beginning; what one removed that the table had confirmed was kept until then.
insert into holiday_change (country, date, name, closes, at)
  select country, date, name, true, '-infinity' from holiday
  where not lunar and (status = 'confirmed' and decided_at is null or status = 'removed') order by country, date, name;
insert into holiday_change (country, date, name, closes, at)
  select country, date, name, status = 'confirmed', decided_at from holiday
  where decided_at is not null and (status = 'confirmed' or not lunar) order by decided_at, country, date, name;

create function holiday_decided() returns trigger
  language plpgsql
  as $$ begin
    if new.status <> 'proposed' and (tg_op = 'INSERT' or new.status is distinct from old.status) then
      insert into holiday_change (country, date, name, closes, at)
        values (new.country, new.date, new.name, new.status = 'confirmed', statement_timestamp());
    end if;
    return null;
  end $$;
create trigger holiday_decided after insert or update on holiday for each row execute function holiday_decided();
