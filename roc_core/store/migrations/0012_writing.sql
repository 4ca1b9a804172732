-- Answers of language models, so that nothing is asked and paid for twice. key is a hash of the
-- endpoint, the model and the whole request; items are the ids (16 bytes each) of the labelled items
-- whose sentences were sent, so that an answer goes when one of them is erased. No key of an
-- endpoint is ever kept.
CREATE TABLE written (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    relation TEXT NOT NULL,
    created TEXT NOT NULL,
    model TEXT NOT NULL,
    answer TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL CHECK (prompt_tokens >= 0),
    completion_tokens INTEGER NOT NULL CHECK (completion_tokens >= 0),
    cost REAL,
    seconds REAL NOT NULL,
    items BLOB NOT NULL
);
CREATE INDEX written_relation ON written (relation, n);
