-- Every use of these top-level names whose path or arguments hold one of these words.
SELECT DISTINCT
    file, path, kind, line, "column", inside, in_function, guard, condition, "positional", keywords, star, double_star
FROM read_parquet($fragments, union_by_name = true)
WHERE top IN (SELECT unnest($tops))
  AND (
      list_has_any(string_split_regex(path, '[^[:word:]]+'), $words)
      OR list_has_any(keywords, $words)
      OR (kind IN ('call', 'super') AND list_contains($called, string_split(path, '.')[-1]))
  )
ORDER BY ALL
