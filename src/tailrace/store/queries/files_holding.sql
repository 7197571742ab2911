-- Of these files those that hold one of these words, in one fragment.
WITH numbered AS (
    SELECT unnest(keys) AS file, unnest(range(len(keys))) AS place FROM read_parquet($fragment) WHERE word = ''
),
wanted AS (SELECT file, place FROM numbered WHERE file IN (SELECT unnest($files)))
SELECT DISTINCT file
FROM wanted
WHERE place IN (
    SELECT unnest(files) FROM read_parquet($fragment) WHERE word IN (SELECT unnest($words)) AND word <> ''
)
