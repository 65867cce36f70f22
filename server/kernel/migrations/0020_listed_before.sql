-- What a list said of an account before, beside the state it was in (null: the import did not change that), so that an import taken back
-- leaves no list that would be read as news.
alter table import_debt_state add column listed_before bigint, alter column state_before drop not null;
