-- Which artifacts hold these files, and where.
SELECT DISTINCT file, artifact, path, module
FROM read_parquet($fragments, union_by_name = true)
WHERE file IN (SELECT unnest($files))
