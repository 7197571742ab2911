-- The releases of the names that these have; of one that was read by several extractors the facts of the latest.
SELECT * FROM (
    SELECT artifact, name, version, min(spec) AS spec, kind, filename, sha256, requires_python, max(uploaded) AS uploaded,
           import_names, requires, entry_points, unreadable, opaque, files, extractor
    FROM read_parquet($fragments, union_by_name = true)
    WHERE name IN (
        SELECT name FROM read_parquet($fragments, union_by_name = true) WHERE artifact IN (SELECT unnest($artifacts))
    )
    GROUP BY ALL
)
QUALIFY extractor = max(extractor) OVER (PARTITION BY name, version, sha256)
ORDER BY name, version, artifact
