"""The commands about conda channels: one of your own, the check of any, who gets which packages, channel policy."""
