"""What a TOML file that people write says, and what is wrong with it. Knows no setting and no policy."""
