-- What was erased for good, and readable views of labels, answers and agreement.

-- One row a thing erased. subject is an item's id, a picture's hash, or the name that stands for an
-- annotator now. mark tells an annotator's rows in backups that are still to be cleaned (a salted
-- hash of the name), cleaned when the last trace was gone from all files; mark is empty from then.
-- because names the picture an item was erased with. The counts say what went.
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('item', 'picture', 'annotator')),
    subject TEXT NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    created TEXT NOT NULL,
    because INTEGER REFERENCES erasures (id),
    corrections INTEGER NOT NULL DEFAULT 0,
    changed INTEGER NOT NULL DEFAULT 0,
    mark TEXT NOT NULL DEFAULT '',
    cleaned TEXT,
    UNIQUE (kind, subject)
);
CREATE INDEX erasures_open ON erasures (id) WHERE cleaned IS NULL;

CREATE TRIGGER erasures_no_update BEFORE UPDATE ON erasures
WHEN (NEW.id, NEW.kind, NEW.subject, NEW.author, NEW.reason, NEW.created, NEW.because)
    IS NOT (OLD.id, OLD.kind, OLD.subject, OLD.author, OLD.reason, OLD.created, OLD.because)
    OR (NEW.corrections, NEW.changed) IS NOT (OLD.corrections, OLD.changed)
    OR OLD.cleaned IS NOT NULL OR NEW.mark NOT IN ('', OLD.mark)
BEGIN
    SELECT raise(ABORT, 'the log of erasures is append-only: a row is never changed');
END;

CREATE TRIGGER erasures_no_delete BEFORE DELETE ON erasures BEGIN
    SELECT raise(ABORT, 'the log of erasures is append-only: a row is never deleted');
END;

-- What was erased does not come back under the id it had.
CREATE TRIGGER items_stay_erased BEFORE INSERT ON items
WHEN EXISTS (SELECT 1 FROM erasures WHERE kind = 'item' AND subject = NEW.id) BEGIN
    SELECT raise(ABORT, 'this item was erased for good');
END;

CREATE TRIGGER pictures_stay_erased BEFORE INSERT ON pictures
WHEN EXISTS (SELECT 1 FROM erasures WHERE kind = 'picture' AND subject = NEW.sha256) BEGIN
    SELECT raise(ABORT, 'this picture was erased for good');
END;

CREATE VIEW labels_readable AS
SELECT
    items_readable.id AS item,
    items_readable.sentence,
    items_readable.first_mention,
    items_readable.first_type,
    items_readable.second_mention,
    items_readable.second_type,
    items_readable.relation,
    items_readable.direction,
    items_readable.state,
    coalesce(said.annotator, '') AS annotator,
    coalesce(said.created, items_readable.created) AS labelled,
    items_readable.source,
    items_readable.split
FROM items_readable
LEFT JOIN present_labels ON present_labels.item = items_readable.id
LEFT JOIN corrections AS said ON said.id = present_labels.correction
WHERE items_readable.relation IS NOT NULL;

-- One row an item and way of reading; right is 1 when the answer passes as the label says, NULL
-- without a label. margin below 0 means "none of these".
CREATE VIEW answers_readable AS
SELECT
    answers.version,
    answers.item,
    items_readable.sentence,
    items_readable.first_mention,
    items_readable.second_mention,
    iif(answers.margin >= 0, answers.relation, 'None') AS answer,
    iif(answers.margin >= 0, answers.direction, 'both') AS answer_direction,
    answers.relation AS closest,
    round(answers.score, 4) AS score,
    round(answers.margin, 4) AS margin,
    answers.runner_up,
    round(answers.lead, 4) AS lead,
    items_readable.relation AS label,
    items_readable.direction AS label_direction,
    iif(answers.margin >= 0, answers.relation, 'None') = items_readable.relation
        AND iif(answers.margin >= 0, answers.direction, 'both') = items_readable.direction
        AS "right"
FROM pair_vectors AS answers
JOIN items_readable ON items_readable.id = answers.item;

-- One row an item that several annotators labelled; agreed is 1 when all of them said the same.
CREATE VIEW agreement_readable AS
SELECT
    annotator_labels.item,
    items_readable.sentence,
    items_readable.first_mention,
    items_readable.second_mention,
    count(*) AS annotators,
    count(DISTINCT annotator_labels.relation || ' ' || annotator_labels.direction) AS labels,
    count(DISTINCT annotator_labels.relation || ' ' || annotator_labels.direction) = 1 AS agreed,
    group_concat(
        annotator_labels.annotator || ': ' || annotator_labels.relation || ' '
            || annotator_labels.direction,
        '; '
    ) AS said,
    items_readable.relation AS present_relation,
    items_readable.direction AS present_direction
FROM annotator_labels
JOIN items_readable ON items_readable.id = annotator_labels.item
GROUP BY annotator_labels.item
HAVING count(*) > 1;
