"""`tailrace gate`: one module for each part of the command."""
