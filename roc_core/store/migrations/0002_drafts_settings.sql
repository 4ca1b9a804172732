-- What sessions have on screen, and the workspace's own settings.

-- saved counts saves, so that the latest draft is known although clocks step back.
CREATE TABLE drafts (
    id TEXT PRIMARY KEY NOT NULL,
    annotator TEXT NOT NULL,
    sentence TEXT NOT NULL,
    mentions TEXT NOT NULL,
    picture TEXT NOT NULL,
    picture_text TEXT NOT NULL,
    item TEXT NOT NULL,
    updated TEXT NOT NULL,
    saved INTEGER NOT NULL UNIQUE
);
CREATE INDEX drafts_annotator ON drafts (annotator, saved);

CREATE TABLE settings (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);
