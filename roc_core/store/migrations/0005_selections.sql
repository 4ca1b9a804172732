-- Selections of items: those with a name are slices, the others are kept for links.

-- items are ids of 8 raw bytes each, in order; NULL stands for all. filter, if there is one, is
-- applied to them whenever the selection is read. kept counts keepings: the oldest unnamed go first.
CREATE TABLE selections (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 12),
    name TEXT NOT NULL DEFAULT '',
    items BLOB CHECK (length(items) % 8 = 0),
    filter TEXT,
    annotator TEXT NOT NULL,
    created TEXT NOT NULL,
    kept INTEGER NOT NULL UNIQUE,
    CHECK (items IS NOT NULL OR filter IS NOT NULL)
);
CREATE UNIQUE INDEX selections_name ON selections (name) WHERE name <> '';
