-- Every distribution that some release requires.
SELECT DISTINCT name FROM read_parquet($fragments, union_by_name = true) ORDER BY name
