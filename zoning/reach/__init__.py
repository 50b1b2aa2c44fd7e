"""Travel on networks: modes, reach, catchments, routes and measures."""

from zoning.reach.modes import MODES

__all__ = ["MODES"]
