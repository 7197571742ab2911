-- Every use in these files of these top-level names that has one of these parts in its path.
SELECT DISTINCT
    file, path, kind, line, "column", inside, in_function, guard, condition, "positional", keywords, star, double_star
FROM read_parquet($fragments, union_by_name = true)
WHERE file IN (SELECT unnest($files)) AND top IN (SELECT unnest($tops))
  AND regexp_matches(path, $parts)
ORDER BY ALL
