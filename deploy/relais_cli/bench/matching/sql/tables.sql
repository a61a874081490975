-- The directory as one would put it into tables for this question, with the index that finds an offer by all three
-- of actor, need and territory at once. Coordinates in hundred-thousandths of a degree, rooms as numbers.
create table offer (
    id text primary key,
    partner text not null,
    network text,
    audiences text[] not null,
    rome text[] not null,
    formacode text[] not null,
    commune text not null,
    latitude bigint,
    longitude bigint,
    land text,
    epci text not null,
    density int not null,
    in_person boolean not null,
    remote boolean not null,
    open_from date not null,
    open_until date not null
);
create table serving (
    actor text not null,
    need text not null,
    territory text not null,
    offer text not null references offer,
    primary key (actor, need, territory, offer)
);
create table room (offer text not null references offer, starts date, state int not null, free int);
create table closed (offer text not null references offer, first date not null, last date not null);
create index on room (offer);
create index on closed (offer);

create function floored(a bigint, b bigint) returns bigint language sql immutable parallel safe
return (a - ((a % b) + b) % b) / b;

create function squares(latitude bigint, longitude bigint, other_latitude bigint, other_longitude bigint)
returns bigint language sql immutable parallel safe
return floored((other_latitude - latitude) * 1112, 1000) * floored((other_latitude - latitude) * 1112, 1000)
    + floored((other_longitude - longitude) * 1112
        * round(cos(radians((abs(latitude + other_latitude) / 20000) / 10.0)) * 1000000)::bigint, 1000000000)
    * floored((other_longitude - longitude) * 1112
        * round(cos(radians((abs(latitude + other_latitude) / 20000) / 10.0)) * 1000000)::bigint, 1000000000);
