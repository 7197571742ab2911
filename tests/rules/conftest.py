"""The packages below are material, some of them with tests of their own that are not ours to run."""

collect_ignore_glob = ["*/*/*"]
