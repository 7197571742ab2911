"""`tailrace nightly`: the command, and how it calls the rooms."""
