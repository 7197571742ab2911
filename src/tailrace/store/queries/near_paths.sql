-- The paths nearest to one without uses, for a user who mistyped it: at most two letters differ below the top-level
-- name, so that one of three parts of it stands in the path as it is.
SELECT path
FROM (
    SELECT DISTINCT path FROM read_parquet($fragments, union_by_name = true)
    WHERE top = $top AND starts_with(path, $below) AND kind <> 'override' AND NOT contains(path, '()')
      AND abs(length(path) - length($path)) <= 2
      AND len(list_filter($parts, part -> contains(path[$start:], part))) > 0
)
WHERE levenshtein(path[$start:], $path[$start:]) <= 2
ORDER BY levenshtein(path[$start:], $path[$start:]), path
LIMIT 3
