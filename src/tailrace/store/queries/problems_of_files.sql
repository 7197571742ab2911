-- Of these files those that gave no facts although their names say Python.
SELECT DISTINCT file, problem
FROM read_parquet($fragments, union_by_name = true)
WHERE problem <> '' AND problem <> 'not Python' AND file IN (SELECT unnest($files))
