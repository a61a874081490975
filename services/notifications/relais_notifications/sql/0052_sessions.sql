-- Which of an offer's places a hand-off takes, so that each dated session is counted by itself.

ALTER TABLE board_item ADD COLUMN place text;    -- the offer, or <offer>/<first day> for a session; hand-offs only
UPDATE board_item SET place = offer WHERE kind = 'handoff';
CREATE INDEX board_item_place ON board_item (place) WHERE place IS NOT NULL;
