-- What callers said, in place of a file on the machine that took the call: any machine plays it, and what is erased is gone for all of them.
create table voicemail (
  call_id uuid primary key references inbound_call on delete cascade,
  -- AES-256-GCM by a key drawn from STATION_SECRET. The longest message (three minutes) has 2.75 MiB.
  sealed bytea not null check (octet_length(sealed) <= 4 * 1024 * 1024)
);
-- Cipher text has nothing that could be compressed.
alter table voicemail alter column sealed set storage external;
