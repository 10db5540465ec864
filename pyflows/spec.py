"""Flows as plain data, and the registry of the kinds that they are made of. Imports no TensorFlow.

A flow is a list of nodes in *forward* order, base -> data, and a base distribution. A node is a registered kind
and its arguments. Presets are kinds too: they stay one node in the flow, and are expanded when it is built.
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .checks import Check, Object, fail, show
from .docstrings import parse_doc
from .errors import ArgumentError

SPEC_VERSION = 1
GROUPS = ("layer", "preset", "base")


@dataclass(frozen=True)
class Node:
    """One kind with its arguments: `affine(rank=2)`."""

    kind: str
    args: dict[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(f'{k}={show_arg(v)}' for k, v in self.args.items())})"


@dataclass(frozen=True)
class Flow:
    """A normalizing flow as data: layers in forward order (base -> data) and a base distribution.

    Flows compare by value, print, and turn into JSON with `to_json`. They know neither the data nor TensorFlow.
    """

    layers: tuple[Node, ...] = ()
    base: Node = Node("base_normal")

    def __repr__(self) -> str:
        lines = [f"<flow: {self.base} -> data, {len(self.layers)} layer{'s' * (len(self.layers) != 1)}>"]
        lines += [f"  {i + 1}. {layer}" for i, layer in enumerate(self.layers)]
        return "\n".join(lines)


@dataclass(frozen=True)
class Kind:
    """A registered kind: its builder, its arguments with checks and defaults, and its documentation."""

    name: str
    group: str
    build: Callable
    checks: dict[str, Check]
    defaults: dict[str, Any]
    doc: dict[str, Any]


_KINDS: dict[str, Kind] = {}
REQUIRED = inspect.Parameter.empty


def register(name: str | None = None, *, group: str = "layer", **checks: Check) -> Callable:
    """Register a kind of layer, preset or base distribution, and get its spec constructor back.

    The decorated function is the builder. For a layer or a base its first argument is the `Size` of the problem
    and it returns a map (`pyflows.maps.Map`) or any `tfb.Bijector`, for a base a `pyflows.bases.Base` or any
    `tfd.Distribution`; for a preset it has no such argument and returns a flow. Its other arguments become the
    arguments of the constructor, checked by `checks`.

    Args:
        name: name of the kind; the function's own name if None.
        group: "layer", "preset" or "base".
        **checks: for each argument one of the kinds in `pyflows.checks`; without one, anything JSON can hold goes.

    Returns:
        A decorator, which returns the spec constructor: called with the arguments, it gives a `Flow` (for a base:
        a node for `flow(base=...)`).

    Raises:
        ArgumentError: the name is taken by another function, or a check names no argument.

    Example:
        >>> import pyflows as pf
        >>> @pf.register(factor=pf.checks.Number(min=0, open=True))
        ... def stretch(size, factor=2.0):
        ...     from tensorflow_probability import bijectors as tfb
        ...     return tfb.Scale(factor)
        >>> pf.flow(stretch(3), pf.affine())
        <flow: base_normal() -> data, 2 layers>
          1. stretch(factor=3.0)
          2. affine(rank=0)
    """
    if group not in GROUPS:
        fail("group", "one of " + ", ".join(GROUPS), group, "register()")

    def decorate(function: Callable) -> Callable:
        kind = _make_kind(name or function.__name__, group, function, checks)
        known = _KINDS.get(kind.name)
        if known and _origin(known.build) != _origin(function):
            raise ArgumentError(
                f"register(): `name` {kind.name!r} is already taken by {known.build.__module__}.",
                argument="name",
                hint="Choose another name.",
            )
        _KINDS[kind.name] = kind
        return _constructor(kind, function)

    return decorate


def _origin(function: Callable) -> tuple[str, str]:
    return function.__module__, function.__qualname__


def _make_kind(name: str, group: str, function: Callable, checks: dict[str, Check]) -> Kind:
    parameters = list(inspect.signature(function).parameters.values())
    if group != "preset":
        parameters = parameters[1:]
    defaults = {p.name: p.default for p in parameters}
    if unknown := set(checks) - set(defaults):
        raise ArgumentError(f"register(): {name}() has no argument {sorted(unknown)[0]!r} to check.")
    full = {key: checks.get(key, Object()) for key in defaults}
    return Kind(name, group, function, full, defaults, parse_doc(inspect.getdoc(function) or ""))


def _constructor(kind: Kind, function: Callable) -> Callable:
    @functools.wraps(function)
    def construct(*args, **kwargs):
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise ArgumentError(f"{kind.name}(): {error}.", hint=f"It takes {signature}.") from None
        node = make_node(kind.name, given)
        return node if kind.group == "base" else Flow((node,))

    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(k, kinds, default=d) for k, d in kind.defaults.items()])
    construct.__signature__ = signature
    construct.__annotations__ = {}
    return construct


def make_node(kind_name: str, given: dict[str, Any], where: str | None = None) -> Node:
    """A node with every argument checked and every default filled in."""
    kind = get_kind(kind_name, where)
    place = where or f"{kind_name}()"
    if unknown := set(given) - set(kind.defaults):
        allowed = ", ".join(kind.defaults) or "no arguments"
        raise ArgumentError(f"{place}: no argument `{sorted(unknown)[0]}`; it takes {allowed}.")
    values = {}
    for key, check in kind.checks.items():
        value = given.get(key, kind.defaults[key])
        if value is REQUIRED:
            raise ArgumentError(f"{place}: `{key}` is missing; it must be {check.allowed()}.", argument=key)
        values[key] = check(key, value, place)
    return Node(kind_name, values)


def get_kind(name: str, where: str | None = None) -> Kind:
    """The registered kind of that name."""
    import_builtin_kinds()
    if name not in _KINDS:
        raise ArgumentError(
            f"{where or 'flow'}: there is no kind {name!r}.",
            argument="kind",
            hint="If it is your own, register it (pyflows.register) before the flow is read or built. "
            f"Known kinds: {', '.join(sorted(_KINDS))}.",
        )
    return _KINDS[name]


def kinds(group: str | None = None) -> list[Kind]:
    """All registered kinds, or those of one group, in the order of registration."""
    import_builtin_kinds()
    return [k for k in _KINDS.values() if group in (None, k.group)]


def import_builtin_kinds() -> None:
    """Built-in kinds register themselves when their modules are imported."""
    from . import bases, composition, layers  # noqa: F401


def flow(*flows: Flow, base: Node | str | None = None) -> Flow:
    """Join flows, in forward order (base -> data), and choose the base distribution.

    Args:
        *flows: flows to join; none gives the empty flow, whose density is that of the base.
        base: base distribution, a node such as `base_normal()`, or its name. None keeps the base of the first
            flow that is given; later ones must not have one of their own.

    Returns:
        A `Flow`.

    Raises:
        ArgumentError: something other than a flow was given, or a base would be lost.

    Example:
        >>> import pyflows as pf
        >>> pf.flow(pf.affine(rank=2), pf.prelu())
        <flow: base_normal() -> data, 2 layers>
          1. affine(rank=2)
          2. prelu()
    """
    for i, part in enumerate(flows):
        if not isinstance(part, Flow):
            hint = "Call it: affine() instead of affine." if callable(part) else None
            fail(f"flows[{i}]", "a flow such as affine() or maf()", part, "flow()", hint)
    layers = tuple(layer for part in flows for layer in part.layers)
    if isinstance(base, str):
        base = make_node(base if base.startswith("base_") else f"base_{base}", {}, "flow(base=)")
    if base is None:
        base = flows[0].base if flows else Flow.base
        _refuse_lost_bases(flows, base)
    if not isinstance(base, Node) or get_kind(base.kind).group != "base":
        fail("base", "a base distribution such as base_normal()", base, "flow()")
    return Flow(layers, base)


def _refuse_lost_bases(flows: tuple[Flow, ...], base: Node) -> None:
    for i, part in enumerate(flows):
        if part.base not in (base, Flow.base):
            hint = "Put it first, or choose with `base`."
            fail(f"flows[{i}]", "a flow without a base of its own, as it is not the first", part.base, "flow()", hint)


def expand(flow: Flow) -> tuple[Node, ...]:
    """The flow's layers with every preset replaced by the layers it stands for."""
    out: list[Node] = []
    for node in flow.layers:
        kind = get_kind(node.kind)
        out += expand(kind.build(**node.args)) if kind.group == "preset" else [node]
    return tuple(out)


def to_json(flow: Flow) -> str:
    """The flow as JSON text; `from_json` reads it back.

    Args:
        flow: the flow.

    Raises:
        ArgumentError: a layer holds a live object (`tfb_layer`), which JSON cannot carry.
    """
    return json.dumps(to_data(flow), sort_keys=True)


def to_data(flow: Flow) -> dict[str, Any]:
    """The flow as dicts and lists."""
    return {"pyflows": SPEC_VERSION, **_flow_data(flow)}


def _flow_data(flow: Flow, inside: str = "") -> dict[str, Any]:
    layers = [_node_data(layer, f"{inside}layer {i + 1} ({layer.kind})") for i, layer in enumerate(flow.layers)]
    return {"base": _node_data(flow.base, f"{inside}base ({flow.base.kind})"), "layers": layers}


def _node_data(node: Node, where: str) -> dict[str, Any]:
    return {"kind": node.kind, "args": {key: _arg_data(key, value, where) for key, value in node.args.items()}}


def _arg_data(key: str, value: Any, where: str) -> Any:
    if isinstance(value, Flow):
        return _flow_data(value, f"{where}, ")
    if isinstance(value, tuple):
        return [_arg_data(key, item, where) for item in value]
    if not _is_plain(value):
        raise ArgumentError(
            f"{where}: `{key}` is a live object ({type(value).__name__}), which has no JSON form.",
            argument=key,
            hint="Register a kind that makes it (pyflows.register), and use that instead.",
        )
    return value


def from_json(text: str) -> Flow:
    """Read a flow from the JSON text of `to_json` (or of the R package).

    Args:
        text: the JSON text.

    Raises:
        ArgumentError: the text is not such JSON, or names a kind or argument that is unknown or not allowed.
    """
    try:
        data = json.loads(text)
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"from_json(): the text is not JSON: {error}.", argument="text") from None
    return from_data(data)


def from_data(data: Any) -> Flow:
    """The flow in the dicts and lists of `to_data`, every argument checked again."""
    if not isinstance(data, dict) or "pyflows" not in data or not isinstance(data.get("layers"), list):
        raise ArgumentError(f"from_json(): this is not a flow: {show(data)}.", argument="text")
    version = data["pyflows"]
    if not isinstance(version, int) or version > SPEC_VERSION:
        raise ArgumentError(
            f"from_json(): the flow was written in format {version!r}, this version reads up to {SPEC_VERSION}.",
            argument="text",
            hint="Update pyflows.",
        )

    return read_parts(data)


def read_parts(data: dict[str, Any], inside: str = "") -> Flow:
    """The flow in `base` and `layers`; `inside` says what it is an argument of."""
    layers = tuple(_read_node(item, f"{inside}layer {i + 1}") for i, item in enumerate(data["layers"]))
    return Flow(layers, _read_node(data.get("base", {"kind": "base_normal"}), f"{inside}base", base=True))


def _read_node(item: Any, where: str, base: bool = False) -> Node:
    what = "a base distribution" if base else "a layer"
    args = (item.get("args") or {}) if isinstance(item, dict) else None
    if not isinstance(args, dict) or not isinstance(item.get("kind"), str):
        raise ArgumentError(f"from_json(): {where} is not {what}: {show(item)}.", argument="text")
    made = make_node(item["kind"], args, f"{where} ({item['kind']})")
    if (get_kind(made.kind).group == "base") != base:
        raise ArgumentError(f"from_json(): {where} ({made.kind}) is not {what}.", argument="text")
    return made


def catalogue() -> list[dict[str, Any]]:
    """All kinds with arguments, checks and documentation, as plain data for generators and manifests."""

    def default(value):
        return list(value) if isinstance(value, tuple) else value

    return [
        {
            "name": kind.name,
            "group": kind.group,
            "title": kind.doc["title"],
            "doc": {key: kind.doc[key] for key in ("body", "shapes", "raises", "references", "example")},
            "args": [
                {
                    "name": key,
                    "default": None if kind.defaults[key] is REQUIRED else default(kind.defaults[key]),
                    "required": kind.defaults[key] is REQUIRED,
                    "doc": kind.doc["args"].get(key, ""),
                    "check": check.export(),
                }
                for key, check in kind.checks.items()
            ],
        }
        for kind in kinds()
    ]


def is_plain(flow: Flow) -> bool:
    """Can the flow be written as JSON, or does it hold live objects."""
    return all(_is_plain(value) for node in (*flow.layers, flow.base) for value in node.args.values())


def _is_plain(value: Any) -> bool:
    if isinstance(value, Flow):
        return is_plain(value)
    if isinstance(value, (tuple, list)):
        return all(_is_plain(v) for v in value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    return value is None or isinstance(value, (bool, int, float, str))


def show_arg(value: Any) -> str:
    """An argument as one writes it; live objects by their class."""
    if isinstance(value, Flow):
        parts = [str(layer) for layer in value.layers] + [f"base={value.base}"] * (value.base != Flow.base)
        return parts[0] if len(parts) == len(value.layers) == 1 else f"flow({', '.join(parts)})"
    if isinstance(value, tuple) and any(isinstance(item, Flow) for item in value):
        return f"[{', '.join(map(show_arg, value))}]"
    return repr(value) if _is_plain(value) else f"<{type(value).__name__}>"
