-- Views for people who open the database in another tool.

CREATE VIEW items_readable AS
SELECT
    id,
    sentence,
    CASE
        WHEN json_extract(mentions, '$[0].box') IS NOT NULL
            THEN 'box ' || json_extract(mentions, '$[0].box')
        ELSE substr(sentence, json_extract(mentions, '$[0].start') + 1,
            json_extract(mentions, '$[0].end') - json_extract(mentions, '$[0].start'))
    END AS first_mention,
    json_extract(mentions, '$[0].type') AS first_type,
    CASE
        WHEN json_extract(mentions, '$[1].box') IS NOT NULL
            THEN 'box ' || json_extract(mentions, '$[1].box')
        ELSE substr(sentence, json_extract(mentions, '$[1].start') + 1,
            json_extract(mentions, '$[1].end') - json_extract(mentions, '$[1].start'))
    END AS second_mention,
    json_extract(mentions, '$[1].type') AS second_type,
    items.relation,
    items.direction,
    items.state,
    items.corrections,
    imported_relation,
    imported_direction,
    'pictures/' || substr(picture, 1, 2) || '/' || picture || pictures.suffix AS picture_file,
    picture_text,
    source,
    split,
    line,
    key,
    items.created
FROM items
LEFT JOIN pictures ON pictures.sha256 = items.picture;

CREATE VIEW corrections_readable AS
SELECT
    corrections.id,
    corrections.created,
    corrections.annotator,
    corrections.action,
    corrections.undoes,
    EXISTS (SELECT 1 FROM corrections AS later WHERE later.undoes = corrections.id) AS undone,
    corrections.relation,
    corrections.direction,
    corrections.predicted_relation,
    corrections.predicted_direction,
    corrections.model_version,
    corrections.comment,
    corrections.item,
    items_readable.sentence,
    items_readable.first_mention,
    items_readable.second_mention
FROM corrections
JOIN items_readable ON items_readable.id = corrections.item;
