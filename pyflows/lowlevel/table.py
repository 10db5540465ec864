"""The one table: every function of `pyflows.tfb` and `pyflows.tfd`, with the kinds of its arguments.

A function is declared by the decorator `bijector` or `distribution`:

    @bijector("Scale", scale=Tensor(null=True), log_scale=Tensor(null=True))
    def scale(scale=None, log_scale=None, validate_args=False, name="scale"):
        '''docstring'''

Its signature and docstring are the public ones. With the name of a class of TFP it has no body: the class is called
with the converted arguments. Without, the body is called with them and returns the object.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import backend
from ..backend import tf
from ..checks import Check, Flag, show
from ..docstrings import SECTIONS, parse_doc
from ..errors import ArgumentError, PyflowsError
from . import settings
from .kinds import Bijector, Conditions, Distribution, DType, Text, is_live

# Arguments that nearly every function has, and that mean the same everywhere.
COMMON = {
    "validate_args": (Flag(), "check values when the object is used, at some cost."),
    "allow_nan_stats": (Flag(), "a statistic that is not defined is NaN; `False`: it is an error."),
    "name": (Text(null=True), "name of the object in messages and graphs."),
    "dtype": (DType(null=True), "type of the numbers; `None`: that of the tensors given, else the one in force."),
    "bijector": (Bijector(), "the bijector."),
    "distribution": (Distribution(), "the distribution."),
    "**conditions": (
        Conditions(),
        "what the object is conditioned on, by the names of its arguments; for a chain, a dict by the name of the "
        "bijector.",
    ),
}
REQUIRED = inspect.Parameter.empty


@dataclass(frozen=True)
class Entry:
    """One function of a face.

    Attributes:
        face: "tfb" or "tfd".
        name: its name there.
        verb: does something with an object that another entry made.
        function: what users call.
        args: `{name: (kind, default)}`; REQUIRED stands for no default, a name with two stars takes what is left.
        doc: the parts of its docstring.
        state: "rebuilt", "improved" or "gone" with the reason, `{}` for what TFP has under the same name.
    """

    face: str
    name: str
    verb: bool
    function: Callable
    args: dict[str, tuple[Check, Any]]
    doc: dict[str, Any]
    state: dict[str, str]


_ENTRIES: dict[tuple[str, str], Entry] = {}


def entries(face: str) -> list[Entry]:
    """All functions of a face, in the order of their names."""
    importlib.import_module(f".{face}", __package__)  # declares them
    return sorted((entry for entry in _ENTRIES.values() if entry.face == face), key=lambda entry: entry.name)


def entry(face: str, name: str) -> Entry:
    """One function of a face."""
    return _ENTRIES[face, name]


def bijector(cls: str | None = None, *, verb: bool = False, **options: Any) -> Callable:
    """Declare a function of `pyflows.tfb`.

    Args:
        cls: class of `tfp.bijectors` that is called; None: the function's own body.
        verb: it uses an object instead of making one.
        **options: the kind of each argument; `rebuilt` and `improved` say, for the table of compatibility, what is
            otherwise than in tfprobability on the TFP of its time.
    """
    return _declare("tfb", backend.tfb, cls, verb, options)


def distribution(
    cls: str | None = None, *, verb: bool = False, shared: dict | None = None, pairs: tuple = (), **options: Any
) -> Callable:
    """Declare a function of `pyflows.tfd`, as `bijector` does; `gone` says why TFP can't build it any more.

    Args:
        shared: kinds and texts of more arguments that mean the same in many functions, as in `COMMON`.
        pairs: names of two arguments, of which exactly one must be given where a function has both, without defaults.
    """
    return _declare("tfd", backend.tfd, cls, verb, options, COMMON | (shared or {}), pairs)


def _declare(
    face: str, module: Any, cls: str | None, verb: bool, options: dict, common: dict = COMMON, pairs: tuple = ()
) -> Callable:
    state = {key: options.pop(key) for key in ("rebuilt", "improved", "gone") if key in options}
    kinds = {**{key.lstrip("*"): kind for key, (kind, _) in common.items()}, **options}

    def decorate(function: Callable) -> Callable:
        if "gone" in state:
            function = _refusing(function, state["gone"], face)
        signature = inspect.signature(function)
        args = {_starred(p): (kinds[p.name], p.default) for p in signature.parameters.values()}
        where = f"{face}.{function.__name__}()"
        choices = [pair for pair in pairs if all(args.get(name, (None, REQUIRED))[1] is None for name in pair)]
        rest_name = next((name[2:] for name in args if name[:2] == "**"), None)

        @functools.wraps(function)
        def checked(*given, **named):
            backend.start()
            bound = _bind(signature, given, named, where)
            with settings.using(_dtype_of(bound, args)):
                values = {name: _convert(args, name, value, where) for name, value in bound.items()}
                for pair in choices:
                    _check_pair(pair, values, where)
                rest = values.pop(rest_name, {})
                try:
                    return function(**values, **rest) if cls is None else getattr(module, cls)(**values)
                except PyflowsError:
                    raise
                except (ValueError, TypeError, NotImplementedError, IndexError, tf.errors.OpError) as error:
                    raise _explain(error, bound, signature, where, verb) from error

        checked.__doc__ = _complete_doc(inspect.getdoc(function), args, common)
        checked.__lowlevel__ = True
        doc = parse_doc(checked.__doc__)
        _ENTRIES[face, function.__name__] = Entry(face, function.__name__, verb, checked, args, doc, state)
        return checked

    return decorate


def _refusing(function: Callable, reason: str, face: str) -> Callable:
    """In place of a function that can't be offered."""

    @functools.wraps(function)
    def refuse(**_):
        message = f"{face}.{function.__name__}(): TensorFlow Probability can't build it any more: {reason}."
        raise ArgumentError(message)

    return refuse


def _starred(parameter: inspect.Parameter) -> str:
    return ("**" if parameter.kind is parameter.VAR_KEYWORD else "") + parameter.name


def _bind(signature: inspect.Signature, given: tuple, named: dict, where: str) -> dict[str, Any]:
    """The arguments by name, with defaults; a wrong or missing one is told by its name."""
    try:
        bound = signature.bind(*given, **named)
    except TypeError as error:
        found = re.search(r"'(\w+)'", str(error))
        told = re.sub(r"'(\w+)'", r"`\1`", str(error))
        raise ArgumentError(f"{where}: {told}.", argument=found[1] if found else None) from None
    bound.apply_defaults()
    values = dict(bound.arguments)
    if values.get("name", "") is None:
        values["name"] = signature.parameters["name"].default
    return values


def _convert(args: dict, name: str, value: Any, where: str) -> Any:
    if f"**{name}" in args:
        kind = args[f"**{name}"][0]
        return {key: kind(key, item, where) for key, item in value.items()}
    return args[name][0](name, value, where)


def _check_pair(pair: tuple[str, str], values: dict[str, Any], where: str) -> None:
    given = [name for name in pair if values[name] is not None]
    if len(given) != 1:
        message = f"{where}: give one of `{pair[0]}` and `{pair[1]}`, not {'both' if given else 'none'}."
        raise ArgumentError(message, argument=pair[0])


def _dtype_of(bound: dict[str, Any], args: dict) -> str | None:
    """The floating-point type that the call itself asks for: by `dtype`, or by the tensors and objects it is given."""
    asked = bound.get("dtype") if isinstance(args.get("dtype", (None,))[0], DType) else None
    if asked is not None:
        ok, dtype = DType().plain(asked)
        return dtype.name if ok and dtype.name in settings.DTYPES else None
    for value in _leaves(list(bound.values())):
        dtype = getattr(value, "dtype", None)
        if isinstance(dtype, tf.DType) and dtype.name in settings.DTYPES:
            return dtype.name
    return None


def _leaves(value: Any):
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else None
    if items is None:
        yield value
    else:
        for item in items:
            yield from _leaves(item)


def _explain(error: Exception, bound: dict, signature: inspect.Signature, where: str, verb: bool) -> ArgumentError:
    """What TFP says, with the argument that it is about: one that it names, else those that the caller gave."""
    text = str(error).strip() or type(error).__name__
    reason = re.sub(r"\{\{.*?\}\}\s*", "", text).splitlines()[0]
    given = [
        name
        for name, value in bound.items()
        if value is not signature.parameters[name].default and not (isinstance(value, dict) and not value)
    ]
    if verb and not isinstance(error, NotImplementedError):
        given = given[1:] + given[:1]  # a value that does not fit the object, sooner than the object
    named = [name for name in given if re.search(rf"\b{re.escape(name)}\b", text)] or given
    values = ", ".join(f"`{name}` ({_short(bound[name])})" for name in named)
    message = f"{where}: TensorFlow Probability can't use {values}: {reason}" if named else f"{where}: {reason}"
    return ArgumentError(message, argument=named[0] if named else None)


def _short(value: Any) -> str:
    return f"shape {tuple(value.shape)}" if is_live(value) and value.shape.rank is not None else show(value)


def _complete_doc(text: str, args: dict, common: dict) -> str:
    """The docstring with what is the same for all: the common arguments, and what is raised."""
    doc = parse_doc(text)
    rows = [f"{name}: {doc['args'].get(name) or common[name][1]}" for name in args]
    texts = {key.lower(): doc[key.lower()] for key in SECTIONS if key != "Args"}
    texts["args"] = "\n".join(textwrap.fill(row, 110, subsequent_indent="    ") for row in rows)
    texts["raises"] = "ArgumentError: an argument is not allowed, or does not fit the others."
    sections = [f"{key}:\n{textwrap.indent(texts[key.lower()], '    ')}" for key in SECTIONS if texts[key.lower()]]
    return "\n\n".join([part for part in (doc["title"], doc["body"]) if part] + sections)
