-- The files that import one of these top-level names, or use it in another way.
SELECT DISTINCT file FROM read_parquet($fragments, union_by_name = true) WHERE top IN (SELECT unnest($tops))
