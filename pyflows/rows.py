"""Functions of an architecture on any number of rows, in bounded memory and on all cores."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .backend import cores, tf
from .packing import Packing
from .solvers import explained

# Rows that go through the layers together: few enough for the intermediate results to stay in cache, and for a few
# thousand rows to be shared evenly among the cores.
BLOCK = 1024
# Rows in one call of a plain function: those that a base draws together.
ROWS = 2048
# Rows in one call of a jitted function.
CALL = 32_768
# From this many rows on, the seconds that XLA takes to compile are earned back; draws are asked for again and again.
JIT_ROWS, JIT_ROWS_DRAWS = 32_768, 8192


class RowFunctions:
    """ "log_prob", "forward" and "inverse" of one architecture, from rows `[n, d]` to rows, traced when first needed.

    Each comes in two forms. The plain one takes any number of rows. The jitted one always has the same number of
    blocks, of which the first few are used. So neither is ever traced twice.
    """

    def __init__(self, architecture):
        self._architecture = architecture
        self.packing = Packing(architecture.weights, architecture.weights, architecture.size.dtype)
        # One trace for all models: variables are arguments.
        self.packed = tf.function(self.packing.pack_tensors, autograph=False)
        self._functions: dict = {}
        self._warm: set = set()
        self.traces = 0

    def run(self, direction: str, weights, n: int, rows: Callable, context: Callable | None) -> np.ndarray:
        """Run a direction over n rows.

        Args:
            direction: "log_prob", "forward" or "inverse".
            weights: all weights, packed.
            n: number of rows.
            rows: `(begin, end) -> [end - begin, d]`, arrays or tensors.
            context: the same for the context, or None.

        Returns:
            `[n]` for "log_prob", else `[n, d]`.
        """
        size = self._architecture.size
        jit = self._architecture.jit_compilable and n >= (JIT_ROWS_DRAWS if direction == "forward" else JIT_ROWS)
        threads = cores()
        call = shared_evenly(n, BLOCK, threads) if jit else ROWS
        out = np.empty((n,) if direction == "log_prob" else (n, self._widths(direction)[1]), size.dtype)
        function = self._get(direction, jit)

        def work(begin: int) -> None:
            end = min(begin + call, n)
            parts = [
                np.asarray(part(begin, end), size.dtype, order="C") for part in (rows, context) if part is not None
            ]
            if jit:
                parts = [filled_up(part, CALL) for part in parts]
                parts.insert(0, np.int32(-(-(end - begin) // BLOCK)))
            with explained():
                out[begin:end] = function(weights, *parts).numpy()[: end - begin]

        begins = range(0, n, call)
        if (direction, jit) not in self._warm or len(begins) == 1:
            for begin in begins[:1]:
                work(begin)  # traces and compiles, before there are several threads
            begins = begins[1:]
            self._warm.add((direction, jit))
        if begins:
            pool = ThreadPoolExecutor(threads)
            try:
                list(pool.map(work, begins))
            finally:
                pool.shutdown(cancel_futures=True)  # after an interrupt, what has not begun
        return out

    def _widths(self, direction: str) -> tuple[int, int]:
        """Columns that go in and that come out."""
        data, latent = self._architecture.size.event, self._architecture.inner.event
        return (latent, data) if direction == "forward" else (data, latent)

    def _get(self, direction: str, jit: bool) -> Callable:
        key = direction, jit
        if key not in self._functions:
            self._functions[key] = self._blockwise(direction) if jit else self._plain(direction)
        return self._functions[key]

    def _one_block(self, direction: str, weights: dict, rows, context):
        self.traces += 1
        context = None if context is None else tf.transpose(context)
        out = getattr(self._architecture, direction)(weights, tf.transpose(rows), context)
        return out if direction == "log_prob" else tf.transpose(out[0])

    def _plain(self, direction: str) -> Callable:
        def run(weights, rows, context=None):
            return self._one_block(direction, self.packing.unpack_tensors(weights), rows, context)

        return self._function(run, direction, None, [])

    def _blockwise(self, direction: str) -> Callable:
        size = self._architecture.size
        block, blocks = BLOCK, CALL // BLOCK
        width, width_out = self._widths(direction)
        shape = [blocks, block] if direction == "log_prob" else [blocks, block, width_out]

        def run(weights, count, rows, context=None):
            weights = self.packing.unpack_tensors(weights)
            rows = tf.reshape(rows, [blocks, block, width])
            context = None if context is None else tf.reshape(context, [blocks, block, size.context])

            def step(i, out):
                here = None if context is None else context[i]
                return i + 1, tf.tensor_scatter_nd_update(
                    out, [[i]], self._one_block(direction, weights, rows[i], here)[None]
                )

            out = tf.while_loop(lambda i, _: i < count, step, (0, tf.zeros(shape, size.dtype)))[1]
            return tf.reshape(out, [CALL, *shape[2:]])

        return self._function(run, direction, CALL, [tf.TensorSpec([], tf.int32)])

    def _function(self, run: Callable, direction: str, rows: int | None, between: list) -> Callable:
        size = self._architecture.size
        width = self._widths(direction)[0]
        widths = [width, size.context] if size.context else [width]
        signature = [tf.TensorSpec([self.packing.size], size.dtype), *between]
        signature += [tf.TensorSpec([rows, width], size.dtype) for width in widths]
        run.__qualname__ = f"pyflows.{direction}"
        return tf.function(run, input_signature=signature, autograph=False, jit_compile=rows is not None)


def shared_evenly(n: int, block: int, threads: int) -> int:
    """Rows of each call, whole blocks: as few calls as can be, but equally many for each thread."""
    calls = threads * -(-n // (CALL * threads))
    return block * -(-n // (block * calls))


def filled_up(part: np.ndarray, rows: int) -> np.ndarray:
    """The rows, and copies of the last one."""
    missing = rows - len(part)
    return np.concatenate([part, np.broadcast_to(part[-1], (missing, part.shape[1]))]) if missing else part
