"""The spiders: one class serves every site card."""
