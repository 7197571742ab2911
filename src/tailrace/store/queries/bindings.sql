-- The names that modules bind by an import of something of these top-level names, under no test and nowhere else.
SELECT DISTINCT file, path, bound
FROM (
    SELECT CAST(NULL AS BIGINT) AS file, CAST(NULL AS VARCHAR) AS top, CAST(NULL AS VARCHAR) AS path,
           CAST(NULL AS VARCHAR) AS bound WHERE false
    UNION ALL BY NAME
    SELECT * FROM read_parquet($fragments, union_by_name = true)
)
WHERE top IN (SELECT unnest($tops)) AND bound <> ''
  AND regexp_matches(path, $parts)
