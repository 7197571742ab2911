"""The commands that check releases and explain what they find."""
