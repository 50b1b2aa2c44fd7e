"""Help the pages: language, state, forms, map, report."""
