"""Hold the compiled loops to what all who call them rely on; what they draw is held elsewhere."""

from __future__ import annotations

import subprocess
import sys

import numba
import numpy as np

from zoning.reach import kernels
from zoning.reach.kernels import array, f8, kernel, read
from zoning.reach.kernels.points import scatter


def test_no_page_waits_for_the_compiler_before_there_is_a_catchment():
    code = "import sys, zoning.reach, zoning.reach.rings, zoning.reach.surface; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_kernel_works_where_its_machine_code_cannot_be_kept(monkeypatch):
    real = numba.njit

    def refuse(*args, cache=False, **kwargs):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(*args, **kwargs)

    monkeypatch.setattr(kernels.numba, "njit", refuse)

    @kernel(read(f8), array(f8))
    def double(values, found):
        for i in range(values.size):
            found[i] = 2 * values[i]

    values = np.arange(3.0)
    values.flags.writeable = False  # as a network file gives them
    found = np.empty(3)
    double(values, found)
    assert found.tolist() == [0, 2, 4]


def test_scattered_numbers_are_those_of_murmurhash():
    # the finaliser of MurmurHash3 on 1 * 0x9E3779B1 + 2 * 0x85EBCA77 and on 0, by hand with plain integers
    def finalised(x):
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            x = (x ^ x >> shift) * factor & 0xFFFFFFFF
        return x ^ x >> 16

    rows, cols = np.array([1, 0, -7, 300_000]), np.array([2, 0, 12, -5])
    found = np.empty(4)
    scatter(rows, cols, found)
    for row, col, one in zip(rows.tolist(), cols.tolist(), found.tolist(), strict=True):
        assert one == (finalised((row * 0x9E3779B1 + col * 0x85EBCA77) & 0xFFFFFFFF) >> 8) / 2**24
