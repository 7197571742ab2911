-- The size of each of these files, in bytes.
SELECT DISTINCT file, size FROM read_parquet($fragments, union_by_name = true) WHERE file IN (SELECT unnest($files))
