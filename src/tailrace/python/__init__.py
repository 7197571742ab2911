"""What Python source says: parsing, facts of modules, and their meaning."""
