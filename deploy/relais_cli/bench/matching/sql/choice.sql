-- Those among whom the lot decides: of all offers that pass every rule, the nearest band, and in it the best room.
-- $1 actor $2 need $3 territories $4 commune $5 latitude $6 longitude $7 land $8 epci $9 density
-- $10 squares of the first metre beyond 15, 30, 60 minutes and the person's limit, for each of three settings
-- $11 rank of an offer at a distance, null where the person refuses it
-- $12 audiences $13 rome $14 formacode $15 operator $16 its network $17 today
with serves as (
    select distinct offer from serving where actor = $1 and need = $2 and territory = any($3::text[])
),
placed as (
    select
        o.id,
        o.remote,
        case
            when not o.in_person then null
            when o.latitude is null or $5::bigint is null then case when o.commune = $4 then 0 end
            when o.land is distinct from $7 then null
            else squares($5::bigint, $6::bigint, o.latitude, o.longitude)
        end as squares,
        case when o.epci = $8 then $9::int else least($9::int, o.density, 1) end as setting
    from serves
    join offer o on o.id = serves.offer
    where
        (o.audiences = '{}' or o.audiences && $12::text[])
        and ($13::text[] = '{}' or o.rome = '{}' or o.rome && $13::text[])
        and ($14::text[] = '{}' or o.formacode = '{}' or o.formacode && $14::text[])
        and o.partner <> $15
        and o.network is distinct from $15
        and ($16::text is null or (o.partner <> $16 and o.network is distinct from $16))
        and o.open_from <= $17::date
        and o.open_until >= $17::date
        and not exists (select from closed where closed.offer = o.id and $17::date between closed.first and closed.last)
),
reached as (
    select
        id,
        least(
            case
                when squares >= ($10::bigint[])[10 + setting] then null
                when squares < ($10::bigint[])[1 + setting] then 0
                when squares < ($10::bigint[])[4 + setting] then 1
                when squares < ($10::bigint[])[7 + setting] then 2
                when squares is not null then 4
            end,
            case when remote then $11::int end
        ) as rank
    from placed
),
fits as (
    select reached.id, reached.rank, coalesce(rooms.state, 0) as state
    from reached
    left join lateral (
        select coalesce(min(case when free <= 0 then 3 else state end) filter (where starts is null or starts >= $17::date), 3)
            as state
        from room
        where room.offer = reached.id
        having count(*) > 0
    ) as rooms on true
    where rank is not null and coalesce(rooms.state, 0) < 3
)
select id from fits where (rank, state) = (select rank, state from fits order by rank, state limit 1)
