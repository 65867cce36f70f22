-- A callback whose call reached nobody is missed: the debtor goes on as any other.
alter table callback drop constraint callback_state_check;
alter table callback add constraint callback_state_check check (state in ('open', 'done', 'missed', 'cancelled'));
