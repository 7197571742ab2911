-- The star imports from these top-level names.
SELECT DISTINCT file, path, line
FROM read_parquet($fragments, union_by_name = true)
WHERE top IN (SELECT unnest($tops)) AND kind = 'from-import' AND suffix(path, '.*')
ORDER BY ALL
