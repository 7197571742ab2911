-- Whether some file uses this top-level name.
SELECT 1 FROM read_parquet($fragments, union_by_name = true) WHERE top = $top LIMIT 1
