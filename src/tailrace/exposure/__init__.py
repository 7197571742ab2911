"""Who gets which packages from conda channels."""
