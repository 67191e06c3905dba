"""The search page: what is asked (selection), found and counted (engine), shown (results) and taken home (taking)."""
