"""What plug-ins and their hosts say in their sources: hook specifications, hook implementations, pytest fixtures."""
