"""An incident being replayed in, its steps out: each says its verdict first. One module a step."""
