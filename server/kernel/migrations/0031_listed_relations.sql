-- Who a creditor's lists say stands for a debt beside its debtor: the first, second … of a role, by the digest of what was said of them.
-- `brought`: the relation is the list's, so that a list may take it away again; what people wrote by hand it leaves alone.
create table listed_relation (
  debt_id uuid not null references debt on delete cascade,
  role text not null check (role in ('co_debtor', 'guarantor', 'attorney')),
  place smallint not null,
  party_id uuid not null references party,
  digest text not null,
  brought boolean not null,
  primary key (debt_id, role, place)
);

-- What an import changed of them, so that it can be taken back. `added`, `removed`: whether a relation of its own came or went.
create table import_relation (
  import_id uuid not null references import,
  debt_id uuid not null references debt on delete cascade,
  role text not null,
  place smallint not null,
  party_before uuid references party,
  digest_before text,
  brought_before boolean,
  removed boolean not null,
  party_after uuid references party,
  added boolean not null,
  primary key (import_id, debt_id, role, place)
);
