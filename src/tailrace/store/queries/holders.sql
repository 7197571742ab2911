-- The artifacts that hold one of these files.
SELECT DISTINCT artifact FROM read_parquet($fragments, union_by_name = true) WHERE file IN (SELECT unnest($files))
