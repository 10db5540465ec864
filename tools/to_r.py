"""Short Python examples of `pyflows.tfb` and `pyflows.tfd` as R code.

Only what such examples need: calls, numbers, lists of numbers or objects, lambdas, arithmetic, assignments.
"""

from __future__ import annotations

import ast
import textwrap

FACES = ("tfb", "tfd")
OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.MatMult: "%*%"}
LEVELS = {ast.Add: 0, ast.Sub: 0, ast.Mult: 1, ast.Div: 1, ast.MatMult: 2, ast.Pow: 4}
CONSTANTS = {None: "NULL", True: "TRUE", False: "FALSE"}
WIDTH = 90


def to_r(source: str, verbs: set[str]) -> list[str]:
    """The lines of R for Python statements; the first argument of one of the verbs is piped into it."""
    lines = []
    for statement in ast.parse(textwrap.dedent(source)).body:
        lines += _broken(_statement(statement, verbs))
    return lines


def _statement(node: ast.stmt, verbs: set[str]) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return f"{node.targets[0].id} <- {_expression(node.value, verbs)}"
    if isinstance(node, ast.Expr):
        return _expression(node.value, verbs)
    raise ValueError(f"no R for: {ast.unparse(node)}")


def _expression(node: ast.expr, verbs: set[str]) -> str:
    def of(part: ast.expr) -> str:
        return _expression(part, verbs)

    match node:
        case ast.Constant(value=str(text)):
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case ast.Constant(value=None | True | False as value):
            return CONSTANTS[value]
        case ast.Constant(value=value):
            return f"{value:.15g}"
        case ast.Name(id=name):
            return name
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{of(operand)}"
        case ast.BinOp(left=left, op=op, right=right):
            sign = OPERATORS[type(op)] if isinstance(op, ast.Pow) else f" {OPERATORS[type(op)]} "
            return _grouped(left, node, False, verbs) + sign + _grouped(right, node, True, verbs)
        case ast.Attribute(value=ast.Name(id=face), attr=name) if face in FACES:
            return f"{face}_{name}"
        case ast.Attribute(value=value, attr=name):
            return f"{of(value)}${name}"
        case ast.Lambda(args=arguments, body=body):
            return f"function({', '.join(a.arg for a in arguments.args)}) {of(body)}"
        case ast.Dict(keys=keys, values=values):
            return "list(" + ", ".join(f"{k.value} = {of(v)}" for k, v in zip(keys, values, strict=True)) + ")"
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _list(items, verbs)
        case ast.Call(func=function, args=args, keywords=keywords):
            return _call(of(function), args, keywords, verbs)
    raise ValueError(f"no R for: {ast.unparse(node)}")


def _grouped(part: ast.expr, whole: ast.BinOp, right: bool, verbs: set[str]) -> str:
    """One side of an operator, in brackets where it binds less."""
    text = _expression(part, verbs)
    inner = LEVELS[type(part.op)] if isinstance(part, ast.BinOp) else 3 if isinstance(part, ast.UnaryOp) else 9
    return f"({text})" if inner < LEVELS[type(whole.op)] + right else text


def _list(items: list[ast.expr], verbs: set[str]) -> str:
    if not items:
        return "list()"
    of_lists = [isinstance(item, (ast.List, ast.Tuple)) for item in items]
    of_numbers = [isinstance(item, (ast.Constant, ast.UnaryOp)) for item in items]
    of_matrices = all(of_lists) and any(isinstance(part, (ast.List, ast.Tuple)) for item in items for part in item.elts)
    inner = ", ".join(_expression(item, verbs) for item in items)
    if of_matrices:
        return f"list({inner})"
    return f"rbind({inner})" if all(of_lists) else f"c({inner})" if all(of_numbers) else f"list({inner})"


def _call(function: str, args: list[ast.expr], keywords: list[ast.keyword], verbs: set[str]) -> str:
    parts = [_expression(arg, verbs) for arg in args]
    parts += [f"{keyword.arg} = {_expression(keyword.value, verbs)}" for keyword in keywords]
    if function in verbs and args and isinstance(args[0], ast.Call):
        return f"{parts[0]} |> {function}({', '.join(parts[1:])})"
    return f"{function}({', '.join(parts)})"


def _broken(line: str) -> list[str]:
    """A long line, broken after pipes and then after commas."""
    if len(line) <= WIDTH:
        return [line]
    first, pipe, rest = line.partition(" |> ")
    wrapped = textwrap.wrap(first + pipe.rstrip(), WIDTH, subsequent_indent="    ", break_on_hyphens=False)
    return wrapped + textwrap.wrap(rest, WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)
