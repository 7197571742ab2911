SELECT DISTINCT artifact FROM read_parquet($fragments, union_by_name = true) WHERE extractor = $extractor
