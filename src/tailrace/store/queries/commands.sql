-- The command lines of these programs.
SELECT DISTINCT
    file, path, kind, line, "column", inside, in_function, guard, condition, "positional", keywords, star, double_star
FROM read_parquet($fragments, union_by_name = true)
WHERE top IN (SELECT unnest($tops)) AND kind = 'command'
ORDER BY ALL
