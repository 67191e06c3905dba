"""Everything that touches the network, and the catalogue of sites. May import pipelines, never khotin."""
