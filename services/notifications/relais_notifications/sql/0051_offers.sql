-- What a partner sees of its own offers: the places it declared, and whether people look for one in vain.

ALTER TABLE board_offer ADD COLUMN actor text, ADD COLUMN needs text[], ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;
CREATE INDEX board_offer_partner ON board_offer (partner, name, id) WHERE NOT withdrawn;

CREATE TABLE board_place (
    place text PRIMARY KEY,              -- the offer, or <offer>/<first day> for a session
    offer text NOT NULL,
    state text NOT NULL,
    number integer,
    at timestamptz NOT NULL,
    starts date,
    ends date
);
CREATE INDEX board_place_offer ON board_place (offer);

-- The last request for places; gone when places are opened.
CREATE TABLE board_demand (
    offer text PRIMARY KEY,
    people integer NOT NULL,
    since timestamptz NOT NULL,
    commune text NOT NULL,
    departement text NOT NULL,
    territories text[] NOT NULL
);
CREATE INDEX board_demand_departement ON board_demand (departement, since);
