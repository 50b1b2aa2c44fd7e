"""Travel on networks: modes, reach, catchments, routes and measures."""

from zoning.reach.catchment import catchment
from zoning.reach.modes import MODES
from zoning.reach.network import TravelNetwork

__all__ = ["MODES", "TravelNetwork", "catchment"]
