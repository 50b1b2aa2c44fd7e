"""One module a verb of `python -m zoning`, for verbs that would crowd its roof."""
