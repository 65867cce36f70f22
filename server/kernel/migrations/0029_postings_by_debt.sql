-- Who asks for postings asks by debt: one index tells both that and which posting is which, and an import of a million writes one less.
alter table posting drop constraint posting_pkey, add primary key (debt_id, id);
drop index posting_by_debt;
