"""`tailrace channel`: a channel of your own, and the check of any channel."""
