-- Of these files those that are in these artifacts, and where.
SELECT DISTINCT artifact, file, path, module
FROM read_parquet($fragments, union_by_name = true)
WHERE artifact IN (SELECT unnest($artifacts)) AND file IN (SELECT unnest($files))
