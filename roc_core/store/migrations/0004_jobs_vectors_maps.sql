-- Long work, and what can be computed again: pair vectors and maps.

-- process says when the process pid started, so that another one of the same number is not taken
-- for it; handed is 0 while the launcher's own process holds the job, 1 once the work's does.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    parameters TEXT NOT NULL,
    heavy INTEGER NOT NULL CHECK (heavy IN (0, 1)),
    state TEXT NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'lost')),
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    stage TEXT NOT NULL DEFAULT '',
    seconds_left REAL,
    pid INTEGER,
    process TEXT NOT NULL DEFAULT '',
    handed INTEGER NOT NULL DEFAULT 0 CHECK (handed IN (0, 1)),
    cancel_asked TEXT,
    created TEXT NOT NULL,
    started TEXT,
    finished TEXT,
    error TEXT NOT NULL DEFAULT '',
    result TEXT NOT NULL DEFAULT '{}',
    CHECK ((state = 'running') = (pid IS NOT NULL)),
    CHECK ((state IN ('queued', 'running')) = (finished IS NULL))
);
CREATE INDEX jobs_open ON jobs (state, id) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX jobs_one_heavy ON jobs (heavy) WHERE state = 'running' AND heavy = 1;

-- An item's id is the hash of its content, which never changes; model is the hash of the version's
-- files, catalogue that of the relations the answer was chosen from.
CREATE TABLE pair_vectors (
    version TEXT NOT NULL,
    item TEXT NOT NULL REFERENCES items (id),
    model TEXT NOT NULL,
    vector BLOB NOT NULL,
    catalogue TEXT NOT NULL,
    relation TEXT NOT NULL,
    direction TEXT NOT NULL CHECK (direction IN ('forward', 'backward', 'both')),
    score REAL NOT NULL,
    margin REAL NOT NULL,
    runner_up TEXT NOT NULL,
    lead REAL NOT NULL,
    PRIMARY KEY (version, item)
);

-- One map a version. data is the hash of settings, catalogue and the items it shows.
CREATE TABLE maps (
    version TEXT PRIMARY KEY NOT NULL,
    model TEXT NOT NULL,
    data TEXT NOT NULL,
    settings TEXT NOT NULL,
    created TEXT NOT NULL,
    known INTEGER NOT NULL,
    newest TEXT NOT NULL,
    sampled INTEGER NOT NULL CHECK (sampled IN (0, 1)),
    frame TEXT NOT NULL,
    items BLOB NOT NULL,
    xs BLOB NOT NULL,
    ys BLOB NOT NULL,
    placed BLOB NOT NULL,
    landmarks TEXT NOT NULL,
    regions TEXT NOT NULL,
    density BLOB NOT NULL
);
