"""Types of the functions that sqlglot does not know: which give maps, which doubles.

https://trino.io/docs/current/functions/map.html, https://trino.io/docs/current/functions/aggregate.html
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.dialects.trino import Trino

_MAPS = {
    "array_histogram", "histogram", "map_agg", "map_concat", "map_filter", "map_union", "multimap_agg",
    "multimap_from_entries", "split_to_multimap", "transform_keys", "transform_values",
}  # fmt: skip
_DOUBLES = {"e", "geometric_mean", "infinity", "nan"}


def _annotate(annotator: Any, node: exp.Anonymous) -> exp.Anonymous:
    name = node.name.lower()
    kind = exp.DType.MAP if name in _MAPS else exp.DType.DOUBLE if name in _DOUBLES else exp.DType.UNKNOWN
    annotator._set_type(node, kind)
    return node


# What `annotate_types` takes as its expression_metadata.
FUNCTION_TYPES: dict[type[exp.Expr], dict[str, Any]] = {
    **Trino.EXPRESSION_METADATA,
    exp.Anonymous: {"annotator": _annotate},
    **{kind: {"returns": exp.DType.MAP} for kind in (exp.MapFromEntries, exp.StrToMap)},
}
