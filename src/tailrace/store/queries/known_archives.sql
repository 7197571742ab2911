-- Archives that were read by this extractor.
SELECT DISTINCT sha256 FROM read_parquet($fragments, union_by_name = true) WHERE extractor = $extractor AND sha256 <> ''
