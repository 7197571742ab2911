"""One module for each client, whose `CLIENT` is all that is known of it. Adding a module adds the client everywhere."""
