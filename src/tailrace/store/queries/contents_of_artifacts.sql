-- The files of these artifacts.
SELECT DISTINCT artifact, file, path, module
FROM read_parquet($fragments, union_by_name = true)
WHERE artifact IN (SELECT unnest($artifacts))
