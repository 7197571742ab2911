"""The steps of a replay, one module for each; each states its verdict first. One module a step."""
