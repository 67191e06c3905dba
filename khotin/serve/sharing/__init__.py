"""What others take from the server: dumps, feeds, sitemaps, and the pages that tell of them."""
