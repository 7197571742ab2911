-- The names nearest to a top-level name, for a user who mistyped it.
SELECT DISTINCT top FROM read_parquet($fragments, union_by_name = true) WHERE NOT starts_with(top, '$') AND top <> '.'
