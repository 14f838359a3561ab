"""Functions that numba compiles: kept on disk where there is room for it, without threads of their own.

Threads of numba's would not outlive a fork, and workers fork: whoever wants several calls `nogil` code from threads.
Import modules that use this only where they are needed: numba takes a second."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile at the first call; read from the disk where it was compiled before."""
    try:
        return cast(Function, njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no folder to keep it in: a read-only container without a home
        return cast(Function, njit(nogil=True)(function))
