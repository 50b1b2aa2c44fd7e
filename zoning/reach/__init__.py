"""Travel on networks: modes, reach, catchments, routes and measures."""
