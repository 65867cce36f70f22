-- What campaigns wish of their queues beyond the score.

-- How often attempts of a debtor ended in each way, for campaigns that allow only so many of a kind: {"no_answer": 3}.
alter table dial_queue add column endings jsonb not null default '{}';
-- `phone_id` was tried and comes last: another number is next. Otherwise it is the one wished for.
alter table dial_queue add column phone_last boolean not null default false;
-- The band outside callbacks, 0–9: segments that a campaign puts first.
alter table dial_queue add column priority smallint not null default 0;
-- Whether an agent has spoken with somebody there (1), and with the debtor (2).
alter table dial_queue add column reached smallint not null default 0;

update dial_queue q set reached = said.reached
from (
  select a.campaign_id, a.party_id,
    max(case when o.code in ('promise', 'paid', 'refused', 'dispute', 'callback', 'do_not_call', 'hardship') then 2 else 1 end) as reached
  from outcome o join contact_attempt a on a.id = o.attempt_id
  where o.code not in ('no_contact', 'answering_machine') group by a.campaign_id, a.party_id
) said
where q.campaign_id = said.campaign_id and q.party_id = said.party_id;

-- Debtors whom it holds go before others, the greatest first; 0: in the order of their scores.
alter table saved_segment add column priority smallint not null default 0 check (priority between 0 and 9);
