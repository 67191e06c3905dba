"""Everything that works with the cable pulled out. Imports neither scrapers nor khotin."""
