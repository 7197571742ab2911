"""Whether the code around a break is reached, and whether something catches the failure."""
