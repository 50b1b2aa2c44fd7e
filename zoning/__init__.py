"""Answer what planners ask of zones and travel: the domain, free of files, maps and pages."""
