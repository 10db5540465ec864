"""The one door for R: every call returns data, errors included, so that no exception crosses the border.

R sends the flow as JSON (live objects beside it), matrices as numpy views, and gets numpy arrays, bytes, JSON text or
a `Model` that it keeps as a handle.
"""

from __future__ import annotations

import json
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from . import backend, callbacks, data, files, minimizing, model, spec, target, tensors, tfb, tfd, tfp_objects, training
from .checks import Choice, Whole
from .errors import ArgumentError, InterruptedWarning, PyflowsError
from .layers.inline import register_inline
from .lowlevel import settings
from .maps import Size
from .progress import interruptible


def door(verb: str, args: dict[str, Any]) -> dict[str, Any]:
    """Call a verb.

    Returns:
        `{"value": ..., "warnings": [messages]}`, or `{"error": {kind, message, argument, hint, ...}}`.
    """
    counting = data.FIRST.set(1)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            # R's own handler of Ctrl-C must not run here: it would leave a second interrupt behind.
            with interruptible():
                value = _VERBS[verb](**args)
        # R tells of interrupts in its own words.
        told = [
            w for w in caught if w.category.__module__.startswith("pyflows") and w.category is not InterruptedWarning
        ]
        return {"value": value, "warnings": [str(w.message) for w in told]}
    except PyflowsError as error:
        return {"error": _describe(error)}
    except KeyboardInterrupt:
        return {"error": {"kind": "interrupt", "message": "Interrupted.", "argument": None, "hint": None}}
    except Exception as error:
        text = "".join(traceback.format_exception(error))
        message = f"{type(error).__name__}: {error}"
        return {"error": {"kind": "internal", "message": message, "argument": None, "hint": None, "traceback": text}}
    finally:
        data.FIRST.reset(counting)


def _describe(error: PyflowsError) -> dict[str, Any]:
    about = {"kind": error.kind, "message": error.message, "argument": error.argument, "hint": error.hint}
    if getattr(error, "model", None) is not None:
        about["model"] = error.model
    return about


def read_flow(text: str, objects: list | None = None) -> spec.Flow:
    """The flow in JSON text; an argument `{"object": i}` stands for the i-th (from 0) of the live objects."""
    if not objects:
        return spec.from_json(text)
    return spec.from_data(_with_objects(json.loads(text), objects))


def _with_objects(content: Any, objects: list) -> Any:
    if isinstance(content, list):
        return [_with_objects(item, objects) for item in content]
    if not isinstance(content, dict):
        return content
    if set(content) == {"object"}:
        return objects[content["object"]]
    return {key: _with_objects(value, objects) for key, value in content.items()}


def _named(values: Any, columns: list[str] | None, argument: str) -> Any:
    """A matrix from R, with the column names that R kept, as data that `fit` takes."""
    if values is None or columns is None:
        return values
    columns = _tuple(columns)
    if np.ndim(values) != 2 or np.shape(values)[1] != len(columns):
        raise ArgumentError(f"`{argument}` has other columns than names.", argument=argument)
    return data.Named(np.asarray(values), columns)


def _tuple(names: list[str] | str | None) -> tuple[str, ...] | None:
    """Names from R, where a single one comes as a string."""
    return None if names is None else (names,) if isinstance(names, str) else tuple(names)


def fit(
    flow: str,
    x: Any,
    *,
    columns: list[str] | None = None,
    context: Any = None,
    context_columns: list[str] | None = None,
    validation: Any = 0.1,
    progress: Callable | bool = False,
    objects: list | None = None,
    **options: Any,
) -> model.Model:
    """`pyflows.fit` for a flow in JSON and matrices whose names come beside them."""
    if isinstance(validation, dict):
        validation = dict(
            validation,
            x=_named(validation.get("x"), columns, "validation"),
            context=_named(validation.get("context"), context_columns, "validation"),
        )
    return training.fit(
        read_flow(flow, objects),
        _named(x, columns, "x"),
        context=_named(context, context_columns, "context"),
        validation=validation,
        progress=progress,
        **options,
    )


def fit_target(
    flow: str,
    log_prob_fn: Callable,
    event_size: int,
    *,
    context: Any = None,
    context_columns: list[str] | None = None,
    progress: Callable | bool = False,
    objects: list | None = None,
    **options: Any,
) -> model.Model:
    """`pyflows.fit_target` for a flow in JSON and a context whose names come beside it."""
    context = _named(context, context_columns, "context")
    return target.fit_target(
        read_flow(flow, objects), log_prob_fn, event_size, context=context, progress=progress, **options
    )


def build(
    flow: str,
    event_size: int,
    context_size: int = 0,
    *,
    columns: list[str] | None = None,
    context_columns: list[str] | None = None,
    dtype: str = "float32",
    seed: int | None = None,
    objects: list | None = None,
) -> model.Model:
    """`pyflows.build` for a flow in JSON, with names."""
    size = Size(
        Whole(min=1)("event_size", event_size, "build()"),
        Whole(min=0)("context_size", context_size, "build()"),
        Choice(values=model.DTYPES)("dtype", dtype, "build()"),
        _tuple(columns),
    )
    seed = model.check_seed(seed, "build()")
    return model.build_model(read_flow(flow, objects), size, seed, _tuple(context_columns))


def _numbers_in(dtype: str | None):
    """Within, numbers of R get what its option `pyflows.dtype` says; None is the type in force."""
    return settings.using(None if dtype is None else settings.check_dtype(dtype, "options()"))


def lowlevel(face: str, name: str, args: dict[str, Any], dtype: str | None = None) -> Any:
    """A function of `pyflows.tfb` or `pyflows.tfd`, with R's values: whole numbers may come as doubles.

    Args:
        face: "tfb" or "tfd".
        name: the function's name there.
        args: its arguments by name.
        dtype: what R's option `pyflows.dtype` says; None: the type in force.
    """
    with _numbers_in(dtype):
        return getattr({"tfb": tfb, "tfd": tfd}[face], name)(**args)


def facts(fit: model.Model) -> str:
    """All that is known of a model but its weights, as JSON; NaN becomes null."""
    return json.dumps(_plain(fit.summary()), allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def config() -> str:
    """Versions and paths, as JSON, for bug reports."""
    return json.dumps(backend.config())


def handed_over(value: Any) -> Any:
    """The value itself. R calls this by a module that converts what it gives, and what that will give."""
    return value


def minimize(dtype: str | None = None, **args: Any) -> np.ndarray:
    """`pyflows.minimize`, with the precision that numbers of R get."""
    with _numbers_in(dtype):
        return minimizing.minimize(**args)


_VERBS: dict[str, Callable] = {
    "start": backend.start,
    "fit": fit,
    "fit_target": fit_target,
    "build": build,
    "lowlevel": lowlevel,
    "facts": facts,
    "config": config,
    "register_inline": register_inline,
    "minimize": minimize,
    "closure": callbacks.closure,
    **tensors.VERBS,
    "to_bytes": files.to_bytes,
    "from_bytes": files.from_bytes,
    "save": files.save,
    "load": files.load,
    "log_prob": model.log_prob,
    "sample": model.sample,
    "forward": model.forward,
    "inverse": model.inverse,
    "bijector": tfp_objects.bijector,
    "distribution": tfp_objects.distribution,
}
