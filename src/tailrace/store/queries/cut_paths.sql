-- Files with a path of these top-level names that was too long to be kept whole.
SELECT file, min(line)
FROM read_parquet($fragments, union_by_name = true)
WHERE top IN (SELECT unnest($tops)) AND length(path) >= 400 AND contains(path, $cut)
GROUP BY file
