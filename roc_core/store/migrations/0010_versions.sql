-- Model versions that were learnt here or brought in, and the log of which one is in use.

-- The version itself is the folder models/<name>. request are the choices it was learnt by, data
-- what it was learnt from, guard the verdict, all JSON.
CREATE TABLE versions (
    name TEXT PRIMARY KEY NOT NULL,
    parent TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('unfinished', 'offered', 'kept', 'imported')),
    created TEXT NOT NULL,
    finished TEXT,
    request TEXT NOT NULL DEFAULT '{}',
    data TEXT NOT NULL DEFAULT '{}',
    guard TEXT NOT NULL DEFAULT '{}',
    command TEXT NOT NULL DEFAULT '',
    bytes INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'unfinished') = (finished IS NULL))
);

CREATE TABLE promotions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    created TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('promote', 'roll-back')),
    version TEXT NOT NULL,
    before TEXT NOT NULL,
    by TEXT NOT NULL,
    rule TEXT NOT NULL DEFAULT '',
    undoes INTEGER UNIQUE REFERENCES promotions (id),
    CHECK ((action = 'roll-back') = (undoes IS NOT NULL))
);

CREATE TRIGGER promotions_no_update BEFORE UPDATE ON promotions BEGIN
    SELECT raise(ABORT, 'the log of promotions is append-only: a row is never changed');
END;

CREATE TRIGGER promotions_no_delete BEFORE DELETE ON promotions BEGIN
    SELECT raise(ABORT, 'the log of promotions is append-only: a row is never deleted');
END;

-- INSERT OR REPLACE deletes without firing the trigger above.
CREATE TRIGGER promotions_no_replace BEFORE INSERT ON promotions
WHEN EXISTS (SELECT 1 FROM promotions WHERE id = NEW.id OR undoes = NEW.undoes) BEGIN
    SELECT raise(ABORT, 'the log of promotions is append-only: a row is never replaced');
END;
