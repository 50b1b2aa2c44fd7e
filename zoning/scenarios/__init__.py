"""Change a region on paper: scenarios as data, applied to networks and layers without touching them."""
