"""What is kept on disk: whole or absent, checked, bounded, shared, and safe on a full disk."""

import logging
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from dsx import errors, storage
from dsx.storage import Store, VectorStore, files, place

posix = pytest.mark.skipif(os.name != "posix", reason="permissions and signals of POSIX")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def writes(content: bytes, name: str = "data"):
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def never(folder: Path) -> None:
    raise AssertionError("written though it was there")


def aged(store: Store, seconds: float) -> None:
    """Make every entry look as if it was used so long ago."""
    for number, entry in enumerate(store.entries()):
        when = time.time() - seconds + number
        os.utime(entry.path, (when, when))


def child(code: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# -- one entry -------------------------------------------------------------------------------


def test_what_was_put_is_there_again(store: Store) -> None:
    assert store.get("results", "abc") is None
    folder = store.put("results", "abc", writes(b"42"))
    assert store.get("results", "abc") == folder
    assert store.put("results", "abc", never) == folder
    again = Store(store.path).get("results", "abc")
    assert again is not None
    assert (again / "data").read_bytes() == b"42"
    assert [(e.kind, e.key) for e in store.entries()] == [("results", "abc")]
    assert store.size > 2
    assert not list((store.path / "tmp").iterdir())


def test_a_writer_that_raises_leaves_nothing(store: Store) -> None:
    def write(folder: Path) -> None:
        (folder / "half").write_bytes(b"1")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.put("results", "abc", write)
    assert store.get("results", "abc") is None
    assert store.entries() == []
    assert not list((store.path / "tmp").iterdir())


@posix
def test_a_writer_that_is_killed_leaves_nothing_but_rubbish_that_is_swept(store: Store) -> None:
    run = child(
        """
        import sys, time
        from pathlib import Path
        from dsx.storage import Store

        def write(folder):
            (folder / "half").write_bytes(b"1" * 1000)
            print("writing", flush=True)
            time.sleep(60)

        Store(Path(sys.argv[1])).put("results", "abc", write)
        """,
        store.path,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "writing\n"
    assert len(list((store.path / "tmp").iterdir())) == 1
    Store(store.path)
    assert len(list((store.path / "tmp").iterdir())) == 1, "its writer lives"
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert store.get("results", "abc") is None
    Store(store.path)
    assert not list((store.path / "tmp").iterdir())


def flip(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))


DAMAGES = {
    "a bit": lambda folder: flip(folder / "data", 5_000),
    "cut short": lambda folder: os.truncate(folder / "data", 100),
    "a file gone": lambda folder: (folder / "data").unlink(),
    "the manifest gone": lambda folder: (folder / files.MANIFEST).unlink(),
    "the manifest empty": lambda folder: (folder / files.MANIFEST).write_bytes(b""),
    "the manifest changed": lambda folder: (folder / files.MANIFEST).write_text(
        (folder / files.MANIFEST).read_text().replace('"size": 9000', '"size": 9001')
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_removed_and_absent(store: Store, damage: str, caplog) -> None:
    good = bytes(range(250)) * 36
    folder = store.put("results", "abc", writes(good))
    store.put("results", "other", writes(good))
    DAMAGES[damage](folder)
    with caplog.at_level(logging.WARNING, "dsx"):
        assert store.get("results", "abc") is None, "damaged after it was read once"
    assert "results/abc" in caplog.text
    assert not folder.exists()
    assert (store.put("results", "abc", writes(good)) / "data").read_bytes() == good
    assert store.get("results", "other") is not None
    DAMAGES[damage](folder)
    assert Store(store.path).get("results", "abc") is None


def test_a_large_file_is_checked_by_pages_and_whole_on_request(store: Store, monkeypatch) -> None:
    monkeypatch.setattr(files, "_WHOLE", 2**20)
    size = 4 * 2**20
    folder = store.put("results", "abc", writes(b"\1" * size))
    between = files._PAGE + 10  # the pages checked are further apart than they are long
    flip(folder / "data", between)
    assert store.get("results", "abc") == folder
    assert "data" in (files.fault(folder, whole=True) or "")
    flip(folder / "data", between)
    assert files.fault(folder, whole=True) is None
    flip(folder / "data", size - 1)
    assert store.get("results", "abc") is None


@pytest.mark.parametrize("name", ["", "..", "a/b", "tmp", "limit", "a b", "é", "x" * 200])
def test_keys_are_plain_names(store: Store, name: str) -> None:
    for kind, key in ((name, "key"), ("kind", name)):
        with pytest.raises(errors.InputError, match="letters, digits"):
            store.get(kind, key)


@posix
def test_nobody_else_may_look(tmp_path: Path) -> None:
    store = Store(tmp_path / "some" / "cache")
    folder = store.put("results", "abc", writes(b"1"))
    for path in (store.path, folder.parent, folder, store.path / "tmp"):
        assert path.stat().st_mode & 0o777 == 0o700, path


# -- bounds ----------------------------------------------------------------------------------


def test_above_the_limit_what_was_used_longest_ago_goes(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=45_000)
    for key in "abcd":
        store.put("results", key, writes(b"1" * 10_000))
    aged(store, 1000)
    assert store.get("results", "a") is not None  # used now
    store.put("results", "e", writes(b"1" * 10_000))
    assert [entry.key for entry in store.entries()] == ["c", "d", "a", "e"]
    assert store.size <= store.limit


def test_what_is_in_use_stays(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=15_000)

    class Owner:
        pass

    owner = Owner()
    store.hold(store.put("results", "held", writes(b"1" * 10_000)), owner)
    store.put("results", "free", writes(b"1" * 10_000))
    aged(store, 1000)
    store.put("results", "new", writes(b"1" * 10_000))
    assert {entry.key for entry in store.entries()} == {"held", "new"}
    store.put("results", "newer", writes(b"1" * 10_000))
    assert {entry.key for entry in store.entries()} == {"held", "new", "newer"}, "just used"
    del owner
    aged(store, 1000)
    store.put("results", "newest", writes(b"1" * 10_000))
    assert {entry.key for entry in store.entries()} == {"newest"}


def test_the_limit_is_the_folders(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for key in "abc":
        store.put("results", key, writes(b"1" * 10_000))
    aged(store, 1000)
    store.limit = 25_000
    assert Store(tmp_path).limit == 25_000
    assert [entry.key for entry in store.entries()] == ["b", "c"]


@posix
def test_a_mapped_file_outlives_its_entry(store: Store) -> None:
    values = np.arange(100_000)
    folder = store.put("results", "abc", lambda f: np.save(f / "x.npy", values))
    mapped = np.load(folder / "x.npy", mmap_mode="r")
    assert store.clear() > values.nbytes
    assert store.entries() == []
    assert np.array_equal(mapped, values)


# -- several processes -----------------------------------------------------------------------

HAMMER = """
import random, sys, time
from pathlib import Path
import numpy as np
from dsx.storage import Store, VectorStore, entries

entries._GRACE, entries._TRUSTED = 0.2, 0.0
store = Store(Path(sys.argv[1]), limit=400_000)
dice = random.Random(int(sys.argv[2]))
vectors = VectorStore(store, "model", 4)
end, rounds = time.monotonic() + 2, 0
while time.monotonic() < end or rounds < 100:
    rounds += 1
    number = dice.randrange(40)
    content = bytes([number]) * (1000 * number)
    folder = store.put("results", f"k{number}", lambda f: (f / "data").write_bytes(content))
    try:
        data = (folder / "data").read_bytes()
    except FileNotFoundError:
        data = None  # cleared by the other one
    assert data in (content, None), "another's content"
    there = store.get("results", f"k{dice.randrange(40)}")
    if rounds % 10 == 0:
        hashes = np.array([b"%016d" % i for i in range(number, number + 5)], "S16")
        values = np.repeat(np.arange(number, number + 5, dtype=np.float32)[:, None], 4, 1)
        vectors.add(hashes, values)
        wanted = np.array([b"%016d" % i for i in range(50)], "S16")
        found, got = vectors.lookup(wanted)
        assert np.array_equal(got[:, 0], np.flatnonzero(found)), "another's vectors"
    if dice.random() < 0.01:
        store.clear("results")
print("rounds", rounds)
"""


def test_processes_share_one_folder(tmp_path: Path, caplog) -> None:
    runs = [child(HAMMER, tmp_path, seed) for seed in (1, 2)]
    for run in runs:
        out, err = run.communicate(timeout=60)
        assert run.returncode == 0, err
        assert out.startswith("rounds")
        assert "cache" not in err, "nothing is damaged, nothing is warned of"
    store = Store(tmp_path)
    assert store.entries()
    for entry in store.entries():
        assert files.fault(entry.path, whole=True) is None
    assert not list((tmp_path / "tmp").iterdir())


# -- no room, no folder ----------------------------------------------------------------------

FULL = """
import resource, sys
from pathlib import Path
import numpy as np
import pyarrow as pa
from dsx import errors
from dsx.compute.saved import read_table, write_table
from dsx.storage import Store, VectorStore

path = Path(sys.argv[1])
store = Store(path)
store.put("results", "before", lambda f: (f / "data").write_bytes(b"kept" * 1000))
vectors = VectorStore(store, "model", 64)
hashes = np.array([b"%016d" % i for i in range(20_000)], "S16")
vectors.add(hashes[:10], np.ones((10, 64), np.float32))
if sys.argv[2] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
large = pa.table({"x": np.zeros(1_000_000)})
attempts = {
    "python": lambda: store.put("results", "a", lambda f: (f / "x").write_bytes(bytes(2**23))),
    "arrow": lambda: store.put("results", "b", lambda f: write_table(large, f / "x.arrow")),
    "numpy": lambda: store.put("results", "c", lambda f: np.save(f / "x.npy", np.zeros(2**20))),
    "vectors": lambda: vectors.add(hashes, np.zeros((20_000, 64), np.float32)),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except errors.StorageError as error:
        assert sys.argv[2] == "limit" and name == "numpy" or error.code == "disk-full", error
        assert "DSX_CACHE" in str(error) and str(path) in str(error), error
        assert isinstance(error.__cause__, OSError), repr(error.__cause__)
        print(name)
assert not list((path / "tmp").iterdir()), "its leavings fill the disk"
again = Store(path)
assert (again.get("results", "before") / "data").read_bytes() == b"kept" * 1000
found, there = VectorStore(again, "model", 64).lookup(hashes)
assert found.sum() == 10 and (there == 1).all()
again.put("results", "after", lambda f: (f / "data").write_bytes(b"small"))
"""


@posix
def test_a_disk_that_takes_no_more_loses_nothing(tmp_path: Path) -> None:
    run = child(FULL, tmp_path, "limit")
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert out.split() == ["python", "arrow", "numpy", "vectors"]


@posix
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=3m none "$1" && shift && "$@"']
    mount += ["sh", str(disk)]
    if not shutil.which("unshare") or subprocess.run([*mount, "true"], check=False).returncode:
        pytest.skip("no small disk can be mounted here")
    run = subprocess.run(
        [*mount, sys.executable, "-c", FULL, str(disk / "cache"), "disk"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.split() == ["python", "arrow", "numpy", "vectors"]


def test_without_a_folder_work_goes_on_and_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    run = child(
        """
        import logging
        logging.basicConfig(level=logging.WARNING)
        from dsx import storage
        store = storage.store()
        assert not store.lasting
        store.put("results", "abc", lambda folder: (folder / "x").write_bytes(b"1"))
        assert store.get("results", "abc")
        assert "temporary" in repr(storage.cache)
        print(store.path)
        """,
        DSX_CACHE=str(tmp_path / "file" / "cache"),
    )
    out, err = run.communicate(timeout=60)
    assert run.returncode == 0, err
    assert "no cache folder" in err
    assert "DSX_CACHE" in err
    assert out.strip()
    assert not Path(out.strip()).exists(), "goes with the process"


def test_where_the_folder_is(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DSX_CACHE", str(tmp_path / "a"))
    assert storage.store().path.parent == tmp_path / "a"
    assert storage.store() is storage.store()
    monkeypatch.setenv("DSX_CACHE", "off")
    assert not storage.store().lasting
    monkeypatch.delenv("DSX_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "b"))
    assert place.folder() == tmp_path / "b" / "dsx"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says its standard
    assert place.folder() == Path.home() / ".cache" / "dsx"
    monkeypatch.setattr(sys, "platform", "darwin")
    assert place.folder() == Path.home() / "Library" / "Caches" / "dsx"


# -- vectors ---------------------------------------------------------------------------------


def hashes_of(numbers: np.ndarray) -> np.ndarray:
    halves = np.stack([numbers, numbers[::-1]], 1).astype("<u8") * np.uint64(0x9E3779B97F4A7C15)
    return np.frombuffer(np.ascontiguousarray(halves).tobytes(), "S16")


def test_vectors_come_back_by_hash_in_the_order_asked(store: Store) -> None:
    rng = np.random.default_rng(0)
    every = hashes_of(rng.permutation(1000))
    vectors = rng.normal(size=(1000, 7)).astype(np.float32)
    there = VectorStore(store, "model@1", 7)
    for start in range(0, 900, 100):
        there.add(every[start : start + 100], vectors[start : start + 100])
    asked = rng.integers(0, 1000, 3000)  # with repeats, some that are not there
    for reader in (there, VectorStore(Store(store.path), "model@1", 7)):
        found, got = reader.lookup(every[asked])
        assert np.array_equal(found, asked < 900)
        assert np.array_equal(got, vectors[asked[found]])
        assert got.dtype == np.float32
        found, got = reader.lookup(every[200:300])
        assert found.all()
        assert not got.flags.writeable, "a view of the file"
        assert np.array_equal(got, vectors[200:300])
    for other in (VectorStore(store, "model@2", 7), VectorStore(store, "model@1", 8)):
        found, got = other.lookup(every)
        assert not found.any()
        assert got.shape == (0, other.dim)
    assert there.lookup(every[:0])[1].shape == (0, 7)


def test_a_hash_is_all_of_its_bytes(store: Store) -> None:
    keys = np.array([b"samefirstabc", b"samefirstdef", b"samefirstghi", b"z", b""], "S16")
    vectors = np.arange(5, dtype=np.float32)[:, None]
    there = VectorStore(store, "model", 1)
    there.add(keys[:4], vectors[:4])
    found, got = there.lookup(keys[[2, 0, 4, 1, 3]])
    assert found.tolist() == [True, True, False, True, True]
    assert got[:, 0].tolist() == [2, 0, 1, 3]
    unknown = np.array([b"samefirstxyz", b"samefirst"], "S16")
    assert not there.lookup(unknown)[0].any()


def test_many_small_segments_become_one(store: Store) -> None:
    rng = np.random.default_rng(1)
    every, vectors = hashes_of(np.arange(400)), rng.normal(size=(400, 3)).astype(np.float32)
    there = VectorStore(store, "model", 3)
    for start in range(0, 400, 10):
        there.add(every[start : start + 10], vectors[start : start + 10])
    assert len(store.keys("vectors")) < 32
    assert len(there) == 400
    found, got = there.lookup(every)
    assert found.all()
    assert np.array_equal(got, vectors)


def test_a_damaged_segment_is_ignored_and_removed(store: Store) -> None:
    every, vectors = hashes_of(np.arange(20)), np.ones((20, 3), np.float32)
    there = VectorStore(store, "model", 3)
    there.add(every[:10], vectors[:10])
    first = set(store.keys("vectors"))
    there.add(every[10:], vectors[10:])
    (damaged,) = first
    flip(store.path / "vectors" / damaged / "vectors.npy", 140)
    for reader in (VectorStore(store, "model", 3), there):
        found, got = reader.lookup(every)
        assert np.array_equal(found, np.arange(20) >= 10)
        assert (got == 1).all()
    assert damaged not in store.keys("vectors")


def test_a_million_hashes_at_once(store: Store) -> None:
    n = 1_000_000
    rng = np.random.default_rng(0)
    every = np.frombuffer(rng.bytes(16 * n), "S16")
    vectors = np.arange(n, dtype=np.float32)[:, None]
    there = VectorStore(store, "model", 1)
    there.add(every[: n // 2], vectors[: n // 2])
    there.add(every[n // 2 :], vectors[n // 2 :])
    order = rng.permutation(n)
    found, got = there.lookup(every[order])
    assert found.all()
    assert np.array_equal(got[:, 0], order)


def test_vectors_that_do_not_fit_are_refused(store: Store) -> None:
    there = VectorStore(store, "model", 3)
    with pytest.raises(errors.InputError, match="2 x 3"):
        there.add(hashes_of(np.arange(2)), np.ones((2, 4), np.float32))
    with pytest.raises(errors.InputError, match="S16"):
        there.lookup(np.array([b"a"], "S8"))
