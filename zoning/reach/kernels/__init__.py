"""Compile, once a machine, the loops of drawing: in whole-array steps they take five times as long.

Importing a module of this package loads numba and machine code from numba's cache, half a second; the first time on a
machine it compiles for some seconds. So they are imported inside the functions that draw: pages without a catchment do
not wait. Kernels that call each other stand in one file, which is what numba's cache follows. They hold no lock of the
interpreter: catchments of several sessions are drawn side by side.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = TypeVar("Function", bound=Callable[..., Any])

Bytes: TypeAlias = NDArray[np.uint8]
Ints: TypeAlias = NDArray[np.int32]
Longs: TypeAlias = NDArray[np.int64]
Words: TypeAlias = NDArray[np.uint64]
Singles: TypeAlias = NDArray[np.float32]
Doubles: TypeAlias = NDArray[np.float64]

b1, u1, u8, i4, i8, f4, f8 = (
    types.boolean,
    types.uint8,
    types.uint64,
    types.int32,
    types.int64,
    types.float32,
    types.float64,
)


def array(dtype: object, dimensions: int = 1) -> object:
    """Return the type of an array that is written to."""
    return types.Array(dtype, dimensions, "C")


def read(dtype: object, dimensions: int = 1) -> object:
    """Return the type of an array that is only read: any array of the dtype in C order will do, writable or not."""
    return types.Array(dtype, dimensions, "C", readonly=True)


def load() -> None:
    """Import all kernels: half a second, or some on a machine that has not compiled them yet."""
    for name in ("field", "lines", "paths", "points", "streets"):
        importlib.import_module(f"{__name__}.{name}")


def kernel(*arguments: object, result: Any = types.void) -> Callable[[Function], Function]:  # noqa: ANN401
    """Compile a function for these types of arguments, now, and keep the machine code where numba can write.

    Kernels make no arrays: they write into those they are given, which halves the time to compile them. In their inner
    loops stand conditions rather than min and max, which know of NaN and are not made into vector code.
    """

    def compiled(function: Function) -> Function:
        signature = result(*arguments)
        try:
            made = numba.njit(signature, cache=True, nogil=True, error_model="numpy")(function)
        except RuntimeError:  # nowhere to write: the code lives as long as the process
            made = numba.njit(signature, nogil=True, error_model="numpy")(function)
        return cast("Function", made)

    return compiled
