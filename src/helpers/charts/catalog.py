"""Pictures of the catalog: what a query reads of CSV and of partitioned Parquet."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from helpers.charts.style import GREEN, ORANGE, figure

# Where the logarithmic axis begins: what reads less, or nothing, has a label but no bar.
_LEAST_BYTES = 100


def bytes_scanned(scans: Mapping[str, Mapping[str, int]]) -> Figure:
    """Draw the bytes that each query reads, by table format, on a logarithmic scale.

    Parameters
    ----------
    scans
        By query: bytes by format.
    """
    drawn, (axes,) = figure(height_inches=1.2 + 0.8 * len(scans))
    formats = list(next(iter(scans.values())))
    height = 0.8 / len(formats)
    for position, (kind, color) in enumerate(zip(formats, (ORANGE, GREEN), strict=False)):
        scanned = [by_format[kind] for by_format in scans.values()]
        places = [row + position * height for row in range(len(scans))]
        bars = axes.barh(places, [max(size, _LEAST_BYTES) for size in scanned], height=height, color=color, label=kind)
        axes.bar_label(bars, labels=[_readable(size) for size in scanned], padding=4, fontsize=9)
    axes.set_yticks([row + 0.4 - height / 2 for row in range(len(scans))], list(scans))
    axes.invert_yaxis()
    most = max(max(by_format.values()) for by_format in scans.values())
    axes.set(xscale="log", xlabel="bytes scanned, logarithmic", xlim=(_LEAST_BYTES, most * 20))
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=len(formats))
    return drawn


def _readable(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size_bytes < 1000:
            return f"{size_bytes:,.0f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:,.1f} TB"
