-- What an import of a million asks of each number and each person, in a form that costs a third: the same numbers are refused and the same
-- identities are unique.
alter table phone drop constraint phone_e164_check;
alter table phone add constraint phone_e164_check check (
  length(e164) between 7 and 16 and e164 ^@ '+' and substr(e164, 2, 1) <> '0' and translate(substr(e164, 2), '0123456789', '') = ''
);
create unique index party_by_identity_value on party (identity_value, identity_kind, country) where identity_value is not null;
drop index party_by_identity;
alter index party_by_identity_value rename to party_by_identity;
