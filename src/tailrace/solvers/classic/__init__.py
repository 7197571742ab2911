"""The model of conda's classic solver."""
