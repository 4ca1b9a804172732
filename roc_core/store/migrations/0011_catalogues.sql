-- Catalogues of relations that are kept here, and the log of every change to a relation.

-- source is where it was taken from at first: "packaged", "file" or "made".
CREATE TABLE catalogues (
    id TEXT PRIMARY KEY NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('packaged', 'file', 'made')),
    created TEXT NOT NULL
);

-- content is the whole relation as JSON after the change. previous is the change before it of the
-- same relation: each has at most one that follows. place is the relation's place in its catalogue,
-- of the change whose state a revert brought back. An empty author: taken in from the program.
CREATE TABLE relation_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    catalogue TEXT NOT NULL REFERENCES catalogues (id),
    relation TEXT NOT NULL,
    place INTEGER NOT NULL,
    created TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    action TEXT NOT NULL
        CHECK (action IN ('import', 'add', 'edit', 'retire', 'restore', 'revert')),
    retired INTEGER NOT NULL DEFAULT 0 CHECK (retired IN (0, 1)),
    content TEXT NOT NULL CHECK (json_valid(content)),
    previous INTEGER UNIQUE REFERENCES relation_changes (id),
    "of" INTEGER REFERENCES relation_changes (id),
    CHECK ((action = 'revert') = ("of" IS NOT NULL)),
    CHECK (action <> 'retire' OR retired = 1)
);
CREATE UNIQUE INDEX relation_changes_first ON relation_changes (catalogue, relation)
    WHERE previous IS NULL;
CREATE INDEX relation_changes_of ON relation_changes (catalogue, relation);

CREATE TRIGGER relation_changes_no_update BEFORE UPDATE ON relation_changes BEGIN
    SELECT raise(ABORT, 'the log of relations is append-only: a row is never changed');
END;

CREATE TRIGGER relation_changes_no_delete BEFORE DELETE ON relation_changes BEGIN
    SELECT raise(ABORT, 'the log of relations is append-only: a row is never deleted');
END;

-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER relation_changes_no_replace BEFORE INSERT ON relation_changes
WHEN EXISTS (SELECT 1 FROM relation_changes WHERE id = NEW.id OR previous = NEW.previous)
    OR (NEW.previous IS NULL AND EXISTS (
        SELECT 1 FROM relation_changes
        WHERE catalogue = NEW.catalogue AND relation = NEW.relation AND previous IS NULL
    ))
BEGIN
    SELECT raise(ABORT, 'the log of relations is append-only: a row is never replaced');
END;

CREATE TRIGGER relation_changes_follow BEFORE INSERT ON relation_changes
WHEN NEW.previous IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM relation_changes
    WHERE id = NEW.previous AND catalogue = NEW.catalogue AND relation = NEW.relation
)
BEGIN
    SELECT raise(ABORT, 'a change follows one of the same relation');
END;

-- The present state of every relation of every catalogue that is kept.
CREATE VIEW relations_readable AS
SELECT
    c.catalogue,
    c.relation,
    json_extract(c.content, '$.name') AS name,
    json_extract(c.content, '$.head') AS head,
    json_extract(c.content, '$.tail') AS tail,
    c.retired,
    c.created AS changed,
    c.author AS changed_by,
    c.reason
FROM relation_changes AS c
WHERE NOT EXISTS (SELECT 1 FROM relation_changes AS later WHERE later.previous = c.id)
ORDER BY c.catalogue, c.place;
