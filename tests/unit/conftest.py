"""Let tests of importing read their files in forks too, where they ask for it."""

from tests.faults.conftest import fork_server, readers

__all__ = ["fork_server", "readers"]
