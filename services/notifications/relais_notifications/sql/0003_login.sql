-- Login links that were used: each works once. Kept for good, so that no link ever works again.

create table login_used (
    jti text primary key,
    used timestamptz not null
);
