-- Login links that were used: each works once.

create table login_used (
    jti text primary key,
    used timestamptz not null,
    expires timestamptz not null
);
