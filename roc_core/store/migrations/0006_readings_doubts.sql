-- Answers told apart by how the items were read, and doubts about their labels.

-- version may name a way of reading after an @. ranks is the rank of every relation of the
-- catalogue in its order, uint16 little endian; types the pair that was read ("person – ?"); told
-- what besides the item's content the model was given: its label for oracle types, the order of the
-- file, else nothing. Rows from before have no types and are computed again when next needed.
ALTER TABLE pair_vectors ADD COLUMN types TEXT NOT NULL DEFAULT '';
ALTER TABLE pair_vectors ADD COLUMN ranks BLOB NOT NULL DEFAULT x'';
ALTER TABLE pair_vectors ADD COLUMN told TEXT NOT NULL DEFAULT '';

-- One row a version and way of reading. gold and suggested number names; all in one order.
CREATE TABLE doubts (
    version TEXT PRIMARY KEY NOT NULL,
    model TEXT NOT NULL,
    created TEXT NOT NULL,
    names TEXT NOT NULL,
    items BLOB NOT NULL,
    gold BLOB NOT NULL,
    suggested BLOB NOT NULL,
    quality BLOB NOT NULL,
    likely BLOB NOT NULL,
    few INTEGER NOT NULL
);
