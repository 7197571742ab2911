-- Every use of a path and of what is below it. A star import may bring any name of its module, so it is listed too.
SELECT DISTINCT
    file, path, kind, line, "column", inside, in_function, guard, condition, "positional", keywords, star, double_star
FROM read_parquet($fragments, union_by_name = true)
WHERE top = $top
  AND (path = $path OR starts_with(path, $below) OR starts_with(path, $result) OR list_contains($stars, path))
ORDER BY ALL
