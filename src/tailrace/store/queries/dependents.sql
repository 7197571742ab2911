-- The artifacts that require a distribution.
SELECT DISTINCT artifact, text, source FROM read_parquet($fragments, union_by_name = true) WHERE name = $name ORDER BY ALL
