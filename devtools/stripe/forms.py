"""Form bodies and query strings with brackets: `card[number]=…`, `expand[]=…`, `expand[0]=…`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from devtools.stripe.errors import InvalidError, Json

_KEY = re.compile(r"\A([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_MAXIMUM_DEPTH = 8


def decode(raw: str) -> Json:
    tree: Json = {}
    for key, value in parse_qsl(raw, keep_blank_values=True):
        match = _KEY.match(key)
        if match is None:
            raise InvalidError(f"Invalid parameter name: {key}", param=key)
        path = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        if len(path) > _MAXIMUM_DEPTH:
            raise InvalidError(f"Parameter nested too deeply: {key}", param=key)
        _put(tree, path, value, key)
    return {name: _as_list(value) for name, value in tree.items()}


def _put(tree: Json, path: list[str], value: str, key: str) -> None:
    node = tree
    for step in path[:-1]:
        child = node.setdefault(step or str(len(node)), {})
        if not isinstance(child, dict):
            raise InvalidError(f"Invalid parameter: {key}", param=key)
        node = child
    last = path[-1] or str(len(node))
    if isinstance(node.get(last), dict):
        raise InvalidError(f"Invalid parameter: {key}", param=key)
    node[last] = value


def _as_list(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    children = {name: _as_list(child) for name, child in value.items()}
    if children and all(name.isdecimal() for name in children):
        return [children[name] for name in sorted(children, key=int)]
    return children
