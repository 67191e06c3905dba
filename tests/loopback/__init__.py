"""A news site on loopback, and crawls of it in processes of their own."""
