-- What annotators do with items, each annotator's own labels, queues and assignments.

-- The log of annotators' steps. A label lies in the log of corrections, with its comment and what
-- was predicted; an undo of one names the undo there. redoes is the undo that was taken back.
CREATE TABLE marks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    item TEXT NOT NULL REFERENCES items (id),
    annotator TEXT NOT NULL CHECK (annotator <> ''),
    created TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN (
        'label', 'skip', 'flag', 'unflag', 'comment', 'wrong-description', 'adjudicate', 'undo'
    )),
    correction INTEGER UNIQUE REFERENCES corrections (id),
    shown INTEGER NOT NULL CHECK (shown IN (0, 1)),
    predicted_relation TEXT,
    predicted_direction TEXT CHECK (predicted_direction IN ('forward', 'backward', 'both')),
    model_version TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    relation TEXT NOT NULL DEFAULT '',
    undoes INTEGER UNIQUE REFERENCES marks (id),
    redoes INTEGER UNIQUE REFERENCES marks (id),
    token TEXT UNIQUE,
    CHECK ((predicted_relation IS NULL) = (predicted_direction IS NULL)),
    CHECK ((action = 'undo') = (undoes IS NOT NULL)),
    CHECK (action <> 'undo' OR redoes IS NULL),
    CHECK (action NOT IN ('label', 'adjudicate') OR correction IS NOT NULL)
);
CREATE INDEX marks_item ON marks (item, id);
CREATE INDEX marks_annotator ON marks (annotator, id);

CREATE TRIGGER marks_no_update BEFORE UPDATE ON marks BEGIN
    SELECT raise(ABORT, 'the log of marks is append-only: a row is never changed');
END;

CREATE TRIGGER marks_no_delete BEFORE DELETE ON marks BEGIN
    SELECT raise(ABORT, 'the log of marks is append-only: a row is never deleted');
END;

-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER marks_no_replace BEFORE INSERT ON marks
WHEN EXISTS (
    SELECT 1 FROM marks
    WHERE id = NEW.id OR token = NEW.token OR undoes = NEW.undoes OR redoes = NEW.redoes
        OR correction = NEW.correction
) BEGIN
    SELECT raise(ABORT, 'the log of marks is append-only: a row is never replaced');
END;

-- A label that was taken back elsewhere is not in force either.
CREATE VIEW marks_in_force AS
SELECT * FROM marks AS mark
WHERE action <> 'undo'
    AND NOT EXISTS (SELECT 1 FROM marks AS later WHERE later.undoes = mark.id)
    AND NOT EXISTS (SELECT 1 FROM corrections AS later WHERE later.undoes = mark.correction);

-- Decisions of disputes: nobody's own label.
CREATE VIEW decisions AS
SELECT mark.item, mark.annotator, said.relation, said.direction, said.id AS correction, said.created
FROM marks_in_force AS mark
JOIN corrections AS said ON said.id = mark.correction
WHERE mark.action = 'adjudicate';

-- The last label in force of each annotator and item, whatever others said; SQLite takes the other
-- columns from the row of the largest id (https://www.sqlite.org/lang_select.html#bareagg).
CREATE VIEW annotator_labels AS
SELECT item, annotator, relation, direction, max(id) AS correction, created
FROM corrections AS said
WHERE action = 'label' AND annotator <> ''
    AND NOT EXISTS (SELECT 1 FROM corrections AS later WHERE later.undoes = said.id)
    AND NOT EXISTS (
        SELECT 1 FROM marks WHERE marks.correction = said.id AND marks.action = 'adjudicate'
    )
GROUP BY item, annotator;

-- items are ids of 8 raw bytes each; version names the answers that gave the order, "" for none.
-- What an annotator did up to after_mark and after_correction was before the queue was made.
CREATE TABLE queues (
    annotator TEXT NOT NULL,
    kind TEXT NOT NULL,
    selection TEXT NOT NULL,
    seed INTEGER NOT NULL,
    version TEXT NOT NULL,
    items BLOB NOT NULL CHECK (length(items) % 8 = 0),
    notes TEXT NOT NULL,
    after_mark INTEGER NOT NULL,
    after_correction INTEGER NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (annotator, kind, selection, seed)
);

CREATE TABLE assignments (
    n INTEGER PRIMARY KEY,
    item TEXT NOT NULL REFERENCES items (id),
    annotator TEXT NOT NULL CHECK (annotator <> ''),
    created TEXT NOT NULL,
    UNIQUE (item, annotator)
);
CREATE INDEX assignments_annotator ON assignments (annotator, n);
