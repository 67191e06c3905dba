"""Live looks at a site that store nothing in the archive: `khotin new-site` and `khotin check`."""
