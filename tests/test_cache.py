"""`dsx.cache`, and the keys by which a result is found again."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import dsx
from dsx import errors, storage
from dsx.compute import keys
from dsx.dataset import Dataset
from dsx.measures import make


@pytest.fixture
def own(tmp_path: Path, monkeypatch) -> storage.Store:
    monkeypatch.setenv("DSX_CACHE", str(tmp_path / "cache"))
    return storage.store()


def put(store: storage.Store, kind: str, key: str, size: int) -> None:
    store.put(kind, key, lambda folder: (folder / "data").write_bytes(b"1" * size) and None)


# -- dsx.cache -------------------------------------------------------------------------------


def test_it_says_where_how_much_and_what(own: storage.Store) -> None:
    assert dsx.cache.path == own.path
    put(own, "results", "a", 2_000_000)
    put(own, "results", "b", 1_000_000)
    put(own, "vectors", "c", 500)
    assert dsx.cache.size == own.size > 3_000_500
    text = repr(dsx.cache)
    for part in (
        str(own.path),
        "3.0 MB of at most 4.3 GB",
        "results: 2 entries, 3.0 MB",
        "vectors: 1 entry",
    ):
        assert part in text
        assert part.partition(": ")[2] in dsx.cache._repr_html_()
    assert [entry.key for entry in dsx.cache.entries("vectors")] == ["c"]


def test_it_clears_all_or_a_kind_or_what_is_old(own: storage.Store) -> None:
    for key in "ab":
        put(own, "results", key, 1000)
    put(own, "vectors", "c", 1000)
    old = time.time() - 3 * 24 * 3600
    os.utime(own.path / "results" / "a", (old, old))
    assert dsx.cache.clear(unused_days=2) > 1000
    assert [entry.key for entry in dsx.cache.entries("results")] == ["b"]
    assert dsx.cache.clear("vectors") > 1000
    assert dsx.cache.clear("vectors") == 0
    assert dsx.cache.clear() > 1000
    assert dsx.cache.entries() == []
    with pytest.raises(errors.InputError, match="results"):
        dsx.cache.clear("result")


def test_its_limit_is_said_in_words_or_bytes(own: storage.Store) -> None:
    for said, value in (("20 GB", 20 * 10**9), ("1.5GiB", 3 * 2**29), ("500", 500), (7, 7)):
        dsx.cache.limit = said
        assert dsx.cache.limit == value
    for wrong in ("many", -1, True, "5 elephants", None):
        with pytest.raises(errors.InputError, match="20 GB"):
            dsx.cache.limit = wrong


# -- keys ------------------------------------------------------------------------------------


def data(**changes) -> Dataset:
    rng = np.random.default_rng(0)
    columns = {
        "label": ["a", "b"] * 50,
        "note": ["not a role"] * 100,
        "p": rng.uniform(0.1, 0.9, (100, 4)),
    } | changes
    return dsx.read(columns, epoch_probs="p", label="label")


def key(dataset: Dataset, name: str = "data_map", seed: int = 0, **parameters) -> str:
    return keys.key_of(dataset, make(name, parameters), seed)


def test_equal_inputs_have_one_key() -> None:
    assert key(data()) == key(data())
    assert key(data()) == key(data(note=["another text"] * 100)), "no role: not in play"
    fresh = "import test_cache as t; print(t.key(t.data()))"
    run = subprocess.run(
        [sys.executable, "-c", fresh],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == key(data()), "in another process"


def test_whatever_decides_the_numbers_changes_the_key(monkeypatch) -> None:
    other = data().values("epoch_probs").copy()
    other[3, 2] += 1e-9
    variants = {
        "as it is": key(data()),
        "seed": key(data(), seed=1),
        "a value": key(data(p=other)),
        "a label": key(data(label=["b", "b"] + ["a", "b"] * 49)),
        "the type": key(data(p=data().values("epoch_probs").astype(np.float32))),
        "the measure": key(data(), "forgetting"),
        "a parameter": key(data(), confidence_threshold=0.6),
        "the unit": key(dsx.read(data().table, epoch_probs="p", label="label", group="note")),
    }
    with monkeypatch.context() as patch:
        patch.setattr(keys, "versions", lambda libraries: {"numpy": "0"})
        variants["a version"] = key(data())
    with monkeypatch.context() as patch:
        patch.setattr(keys, "code_digest", lambda: "0")
        variants["dsx itself"] = key(data())
    assert len(set(variants.values())) == len(variants), variants


def test_a_column_is_read_once(monkeypatch) -> None:
    dataset = data()
    first = key(dataset)
    monkeypatch.setattr(keys.fingerprint, "add", None)
    assert key(dataset) == first


def test_large_columns_are_read_by_blocks_to_the_same_end(monkeypatch) -> None:
    dataset = data()
    plain = keys.column_digest(data(), "p")
    monkeypatch.setattr(keys, "_BLOCK", 1000)
    blocks = keys.column_digest(dataset, "p")
    assert blocks != plain
    assert blocks == keys.column_digest(data(), "p")
    other = dataset.values("epoch_probs").copy()
    other[-1, -1] = 0.5
    assert keys.column_digest(data(p=other), "p") != blocks


def test_what_a_notebook_defined_is_not_kept() -> None:
    class Own(type(make("data_map", {}))):
        pass

    assert keys.lasting(data(), make("data_map", {}))
    assert not keys.lasting(data(), Own())

    class Marked(type(make("data_map", {}))):
        kept = False

    Marked.__module__ = "dsx.measures.marked"
    assert not keys.lasting(data(), Marked())


# -- a notebook that is run again ------------------------------------------------------------

NOTEBOOK = """
import json
import dsx
from dsx.compute import worker
from dsx.compute.job import begun

jobs = []
begun.connect(jobs.append)
texts = [f"{a} {b} {c}" for a in "red green blue old new".split()
         for b in "cat dog fish bird horse cow".split()
         for c in "runs sleeps eats sings flies swims".split()]
ds = dsx.read({"text": texts, "label": ["a", "b"] * 90}, text="text", label="label")
results = [dsx.measure(ds, key, encoder="lexical").wait(100) for key in ("neighbours", "outliers")]
print(json.dumps({
    "places": {job.measure.key: job.place for job in jobs},
    "worker": worker._local is not None,
    "numbers": [result.rows.to_pylist() for result in results],
    "notes": [result.notes for result in results],
}))
"""


def test_a_notebook_run_again_does_no_work_twice(tmp_path: Path) -> None:
    def run() -> dict:
        env = {**os.environ, "DSX_CACHE": str(tmp_path / "cache"), "DSX_WARM_UP": "0"}
        done = subprocess.run(
            [sys.executable, "-c", NOTEBOOK], env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    first, again = run(), run()
    assert first["places"] == dict.fromkeys(("embedding", "neighbours", "outliers"), "worker")
    assert set(again["places"].values()) == {"cache"}
    assert first["worker"]
    assert not again["worker"], "no kernel is started for what is there"
    assert again["numbers"] == first["numbers"]
    assert again["notes"] == first["notes"]
