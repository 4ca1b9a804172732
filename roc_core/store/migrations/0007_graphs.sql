-- What the Graph page has on screen: any number of mentions, as JSON. saved counts saves, so that
-- the latest one is known although clocks step back.
CREATE TABLE graphs (
    id TEXT PRIMARY KEY NOT NULL,
    annotator TEXT NOT NULL,
    sentence TEXT NOT NULL,
    mentions TEXT NOT NULL,
    picture TEXT NOT NULL,
    picture_text TEXT NOT NULL,
    updated TEXT NOT NULL,
    saved INTEGER NOT NULL UNIQUE
);
CREATE INDEX graphs_annotator ON graphs (annotator, saved);
