-- What an attempt was about stands beside it, so that a reservation, which looks at a hundred past ones, reads no second row for each.
-- `attempt_debt` says the same for whoever comes from the debt. Empty: not known, and so about all debts.
alter table contact_attempt add column debt_ids uuid[] not null default '{}';
update contact_attempt a set debt_ids = about.debt_ids
from (select attempt_id, array_agg(debt_id order by debt_id) as debt_ids from attempt_debt group by attempt_id) about
where about.attempt_id = a.id;

-- The number wished for next is one that was tried or is owned; to look it up among all numbers at each reservation proves nothing more.
alter table dial_queue drop constraint dial_queue_phone_id_fkey;

-- Whoever reserves begins at the best of the ready and walks past all that were best before, until a vacuum takes them out of the index: not
-- only once a fifth of all debtors was called.
alter table dial_queue set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, vacuum_index_cleanup = on);
