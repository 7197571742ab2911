-- The files of one fragment that hold one of these words.
SELECT DISTINCT words.word, keys.keys[words.place + 1] AS file
FROM (
    SELECT word, unnest(files) AS place FROM read_parquet($fragment) WHERE word IN (SELECT unnest($words)) AND word <> ''
) AS words,
(SELECT keys FROM read_parquet($fragment) WHERE word = '') AS keys
