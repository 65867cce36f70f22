-- What an attempt was about stands in its own row (`contact_attempt.debt_ids`). The second place was written with each reservation and read by
-- nobody: from a debt one comes to its attempts by its people.
drop table attempt_debt;
