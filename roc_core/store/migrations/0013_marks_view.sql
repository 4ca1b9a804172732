-- What annotators did with items, one row a step: labels, skips, flags and their reasons, comments,
-- remarks that a description is wrong (of relation "about"), undos. shown is 1 when suggestions were
-- on screen; in_force is 0 for what was undone.
CREATE VIEW marks_readable AS
SELECT
    mark.id AS mark,
    mark.item,
    items_readable.sentence,
    items_readable.first_mention,
    items_readable.second_mention,
    mark.annotator,
    mark.created,
    mark.action,
    said.relation,
    said.direction,
    mark.relation AS about,
    coalesce(said.comment, mark.text) AS text,
    mark.shown,
    EXISTS (SELECT 1 FROM marks_in_force WHERE marks_in_force.id = mark.id) AS in_force
FROM marks AS mark
JOIN items_readable ON items_readable.id = mark.item
LEFT JOIN corrections AS said ON said.id = mark.correction AND said.action = 'label';
