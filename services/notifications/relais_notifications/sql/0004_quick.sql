-- How long the latest answers of an endpoint took at most: only where they are quick does the sender claim ahead.

alter table endpoint_health add column milliseconds integer;
