SELECT DISTINCT file FROM read_parquet($fragments, union_by_name = true) ORDER BY file
