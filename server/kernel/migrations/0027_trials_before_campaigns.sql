-- Settings of a campaign that is still to be made are tried too: such a trial belongs to no campaign yet.
alter table pacing_trial alter column campaign_id drop not null;
