"""Travel on networks: modes, reach, catchments, routes and measures."""

from zoning.reach.catchment import catchment
from zoning.reach.modes import MODES
from zoning.reach.network import TravelNetwork
from zoning.reach.split import catchment_split

__all__ = ["MODES", "TravelNetwork", "catchment", "catchment_split"]
