-- Pictures by content hash, items in order of arrival, the append-only log of corrections.

CREATE TABLE pictures (
    n INTEGER PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
    suffix TEXT NOT NULL,
    width INTEGER NOT NULL CHECK (width > 0),
    height INTEGER NOT NULL CHECK (height > 0),
    bytes INTEGER NOT NULL,
    created TEXT NOT NULL
);

-- relation, direction, state and corrections repeat what the log says, so that a filter needs no
-- join; the trigger corrections_present keeps them, Store.check() compares them with the log.
CREATE TABLE items (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 16),
    source TEXT NOT NULL,
    split TEXT NOT NULL,
    line INTEGER NOT NULL,
    key TEXT NOT NULL,
    file_order TEXT NOT NULL CHECK (file_order IN ('forward', 'backward')),
    extra TEXT NOT NULL,
    sentence TEXT NOT NULL,
    mentions TEXT NOT NULL,
    picture TEXT REFERENCES pictures (sha256),
    has_picture INTEGER NOT NULL CHECK (has_picture = (picture IS NOT NULL)),
    picture_text TEXT NOT NULL,
    imported_relation TEXT,
    imported_direction TEXT CHECK (imported_direction IN ('forward', 'backward', 'both')),
    relation TEXT,
    direction TEXT CHECK (direction IN ('forward', 'backward', 'both')),
    state TEXT NOT NULL CHECK (state IN ('unlabelled', 'imported', 'corrected')),
    corrections INTEGER NOT NULL DEFAULT 0,
    created TEXT NOT NULL,
    CHECK ((imported_relation IS NULL) = (imported_direction IS NULL)),
    CHECK ((relation IS NULL) = (direction IS NULL)),
    CHECK ((relation IS NULL) = (state = 'unlabelled'))
);
CREATE INDEX items_slice ON items (source, split, state, has_picture, relation);
CREATE INDEX items_relation ON items (relation);
CREATE INDEX items_picture ON items (picture) WHERE picture IS NOT NULL;

CREATE TABLE corrections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item TEXT NOT NULL REFERENCES items (id),
    annotator TEXT NOT NULL,
    created TEXT NOT NULL,
    action TEXT NOT NULL,
    relation TEXT,
    direction TEXT CHECK (direction IN ('forward', 'backward', 'both')),
    predicted_relation TEXT,
    predicted_direction TEXT CHECK (predicted_direction IN ('forward', 'backward', 'both')),
    shown TEXT NOT NULL DEFAULT '[]',
    model_version TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    undoes INTEGER UNIQUE REFERENCES corrections (id),
    token TEXT UNIQUE,
    CHECK ((predicted_relation IS NULL) = (predicted_direction IS NULL)),
    CHECK (
        (action = 'label' AND relation IS NOT NULL AND direction IS NOT NULL AND undoes IS NULL)
        OR (action = 'undo' AND relation IS NULL AND direction IS NULL AND undoes IS NOT NULL)
    )
);
CREATE INDEX corrections_item ON corrections (item, id);
CREATE INDEX corrections_annotator ON corrections (annotator);

CREATE VIEW present_labels AS
SELECT
    items.id AS item,
    coalesce(last.relation, items.imported_relation) AS relation,
    coalesce(last.direction, items.imported_direction) AS direction,
    CASE
        WHEN last.id IS NOT NULL THEN 'corrected'
        WHEN items.imported_relation IS NOT NULL THEN 'imported'
        ELSE 'unlabelled'
    END AS state,
    last.annotator AS annotator,
    last.id AS correction
FROM items
LEFT JOIN corrections AS last ON last.id = (
    SELECT max(label.id) FROM corrections AS label
    WHERE label.item = items.id AND label.action = 'label'
        AND NOT EXISTS (SELECT 1 FROM corrections AS later WHERE later.undoes = label.id)
);

CREATE TRIGGER corrections_present AFTER INSERT ON corrections BEGIN
    UPDATE items SET
        (relation, direction, state) =
            (SELECT relation, direction, state FROM present_labels WHERE item = NEW.item),
        corrections = corrections + 1
    WHERE id = NEW.item;
END;

CREATE TRIGGER corrections_no_update BEFORE UPDATE ON corrections BEGIN
    SELECT raise(ABORT, 'the log of corrections is append-only: a row is never changed');
END;

CREATE TRIGGER corrections_no_delete BEFORE DELETE ON corrections BEGIN
    SELECT raise(ABORT, 'the log of corrections is append-only: a row is never deleted');
END;

-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER corrections_no_replace BEFORE INSERT ON corrections
WHEN EXISTS (
    SELECT 1 FROM corrections
    WHERE id = NEW.id OR token = NEW.token OR undoes = NEW.undoes
) BEGIN
    SELECT raise(ABORT, 'the log of corrections is append-only: a row is never replaced');
END;
