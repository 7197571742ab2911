-- Every program that some file runs.
SELECT DISTINCT top FROM read_parquet($fragments, union_by_name = true) WHERE starts_with(top, '$')
