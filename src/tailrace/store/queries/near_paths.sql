-- The paths nearest to one that nobody uses, for a user who mistyped it.
SELECT path
FROM (
    SELECT DISTINCT path FROM read_parquet($fragments, union_by_name = true)
    WHERE top = $top AND kind <> 'override' AND NOT contains(path, '()') AND abs(length(path) - length($path)) <= 2
)
WHERE damerau_levenshtein(path, $path) <= 2
ORDER BY damerau_levenshtein(path, $path), path
LIMIT 3
