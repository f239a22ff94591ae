"""What a page is told about an embedding map: method, choices, names, warnings."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

from dsx import cite, encoders, errors
from dsx.measures import REGISTRY
from dsx.page.choosing import LAYOUTS, first_encoder, titled
from dsx.page.course import Course
from dsx.vectors.trust import LOW
from dsx.vectors.umap_layout import FEWEST

if TYPE_CHECKING:
    from dsx.dataset import Dataset
    from dsx.measures.result import Result

LEVELS = ("cluster_coarse", "cluster", "cluster_fine")
PAPERS = {"pca": "pearson1901lines", "umap": "mcinnes2018umap", "placed": "mcinnes2018umap"}


def spec_of(course: Course) -> dict[str, Any]:
    """Everything in the spec of an embedding map that follows from its course."""
    return {
        "kind": "embedding",
        "method": method_of(course),
        "choices": choices_of(course.ds, course.cannot),
        "waiting": waiting(course),
        "names": names_of(course),
        "levels": [level for level in LEVELS if "clusters" in course.results],
        "help": help_of(course),
    }


def method_of(course: Course) -> dict[str, Any]:
    """The picture on screen: which vectors, laid out how, and how far to trust it."""
    shown = course.wanted if course.moving else course.shown or course.wanted
    projection, trust = course.results.get("projection"), course.results.get("map_trust")
    mean = trust.summary["mean_trust"].value if trust is not None else None
    overall = trust.summary["trustworthiness"].value if trust is not None else None
    return {
        "encoder": shown.encoder,
        "encoderTitle": encoders.title(shown.encoder),
        "vectors": encoders.described(shown.encoder),
        "layout": shown.method,
        "title": titled(shown),
        "note": note_of(course),
        "trust": mean,
        "lowTrust": overall is not None and overall < LOW,
        "explained": None if course.moving else explained(projection),
    }


def explained(projection: Result | None) -> float | None:
    """The share of the variance that the two axes of a PCA carry; None where there is none."""
    if projection is None:
        return None
    shares = [e.value for name, e in projection.summary.items() if name.startswith("explained_")]
    known = [share for share in shares if share is not None]
    return sum(known) if known else None


def note_of(course: Course) -> str:
    """What is still to come, or why it does not; "" where the picture is the one asked for."""
    target, shown, title = course.wanted, course.shown, titled(course.wanted)
    if course.moving:
        return "the points are still moving"
    if shown is not None and shown != target:
        if course.cannot:
            return course.cannot
        if any(step.key == "projection" for step in course.given_up):
            return f"{title} was not made: {reason(course)}"
        return f"a first picture; {title} follows"
    return course.why


def waiting(course: Course) -> str:
    """What stands in the place of a map that has no points yet; "" where it has."""
    shown = course.results.get("projection")
    if shown is not None and not shown.about.n_used:
        return f"There is no picture: no row has a place ({left_out(shown)})"
    if shown is not None:
        return ""
    first = first_encoder(course.ds, course.encoder)
    if not course.running and course.given_up:
        return f"There is no picture: {reason(course)}"
    return f"Making the first picture, from {encoders.described(first)}"


def left_out(result: Result) -> str:
    """Which rows are not on a map, and why; "" for none."""
    reasons = sorted(result.about.reasons.items())
    return "; ".join(f"{n:,} {'row' if n == 1 else 'rows'}: {why}" for why, n in reasons)


def reason(course: Course) -> str:
    """Why the last picture that was given up was."""
    wrong = [error for step, error in course.given_up.items() if step.key == "projection"]
    if not wrong:
        return "it was not begun"
    cancelled = isinstance(wrong[-1], errors.JobCancelled)
    return "it was cancelled" if cancelled else errors.plain(wrong[-1])


def choices_of(ds: Dataset, cannot: str = "") -> dict[str, Any]:
    """The encoders and layouts that can be chosen, and why the others cannot."""
    missing = importlib.util.find_spec("umap") is None
    why = "install umap-learn: pip install 'dsx[map]'" if missing else ""
    if not why and len(ds) < FEWEST:
        why = f"it needs {FEWEST} rows"
    why = why or cannot
    layouts = [
        {"name": "pca", "title": LAYOUTS["pca"], "ready": True, "why": ""},
        {"name": "umap", "title": LAYOUTS["umap"], "ready": not why, "why": why},
    ]
    if ds.has("position"):
        layouts.append({"name": "placed", "title": LAYOUTS["placed"], "ready": True, "why": ""})
    return {"encoders": encoders.choices(ds), "layouts": layouts}


def names_of(course: Course) -> list[dict[str, Any]]:
    """The clusters' names at their places on the map, level 0 the coarsest; none while it moves."""
    result = course.results.get("clusters")
    if result is None or course.moving:
        return []
    named = result.tables["clusters"].select(["level", "name", "n_rows", "x", "y"]).to_pylist()
    return [
        {"level": row["level"], "name": row["name"], "n": row["n_rows"], "x": row["x"],
         "y": row["y"]}
        for row in named
        if row["x"] is not None and row["x"] == row["x"]
    ]  # fmt: skip


def help_of(course: Course) -> dict[str, Any]:
    """What the map says and how it misleads, its paper, and what the measures noted."""
    kind = REGISTRY["projection"]
    shown = course.shown or course.wanted
    paper = cite.PAPERS[PAPERS[shown.method]]
    notes = [note for result in course.results.values() for note in result.notes]
    if "projection" in course.results and (missing := left_out(course.results["projection"])):
        notes.insert(0, f"not on the map: {missing}")
    return {
        "says": kind.says,
        "misleads": kind.misleads,
        "paper": paper.short,
        "url": paper.url,
        "notes": list(dict.fromkeys(notes)),
    }
