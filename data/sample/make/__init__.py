"""Makes the bundled sample: texts from `../texts`, five layouts, two nights of WARC files."""
