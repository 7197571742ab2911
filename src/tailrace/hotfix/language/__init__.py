"""The language of hotfix documents: their values, how they are read from YAML and written back."""
