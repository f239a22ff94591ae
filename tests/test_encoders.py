"""Encoders without a model: names, words counted, functions, given vectors, files of models."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import dsx
from dsx import encoders, errors
from dsx.columns import from_numpy
from dsx.dataset import Dataset
from dsx.encoders import hardware, lexical, models, terms, texts
from dsx.measures import Inputs, Result, make
from dsx.roles import Role

ROOT = Path(__file__).parent.parent
PETS = ["the cat purrs", "a cat and a mouse", "the dog barks", "a dog and a bone", "cat or dog"]
CHINESE = ["我喜欢机器学习", "他喜欢学习中文", "机器翻译很难", "今天天气很好", "天气不好"]


def about(values: list, **more: pa.Array) -> Dataset:
    """A dataset of texts; an `embedding` column too where one is given."""
    kind = pa.string() if all(isinstance(v, str | None) for v in values) else None
    roles = [Role("text", ("text",)), *(Role(name, (name,)) for name in more)]
    return Dataset(pa.table({"text": pa.array(values, kind), **more}), roles)


def embedded(ds: Dataset, encoder: str = "lexical", seed: int = 0) -> Result:
    measure = make("embedding", {"encoder": encoder}).resolved(ds)
    inputs = Inputs(ds, seed=seed)
    measure.check(inputs)
    return measure.compute(inputs)


def vectors(ds: Dataset, encoder: str = "lexical") -> np.ndarray:
    return embedded(ds, encoder).column("embedding")


# -- texts -------------------------------------------------------------------------------------


def test_each_text_once_in_an_order_of_its_own() -> None:
    values = ["b", None, "a", "b", " \n", "", "b"]
    for array in (pa.array(values), pa.array(values, pa.large_string()),
                  pa.array(values).dictionary_encode()):  # fmt: skip
        found = texts.distinct(array)
        assert found.unique.to_pylist() == ["a", "b"] and found.counts.tolist() == [1, 3]
        assert found.place.tolist() == [1, -1, 0, 1, -1, -1, 1]
        assert [(mask.sum(), why) for mask, why in found.left_out] == [
            (1, "no text"), (2, "an empty text")
        ]  # fmt: skip


# -- lexical -----------------------------------------------------------------------------------


def test_tf_idf_by_hand() -> None:
    # two rows "a b"-like texts by words: rows 2, "cat" in both, "dog" in one, "fox" in one;
    # of two texts a word must stand in both, so only "cat" stays: both vectors are its direction
    counts = terms.count_terms(pa.array(["cat cat dog", "cat fox"], pa.large_string()), QUIET)
    assert counts.terms.to_pylist() == ["cat"] and counts.count.tolist() == [2.0, 1.0]
    made = lexical.fit(counts, np.array([1, 1]), seed=0)
    assert made.idf.tolist() == pytest.approx([np.log(3 / 3) + 1])
    assert made.vectors == pytest.approx(np.ones((2, 1)))


def test_directions_are_those_of_the_full_decomposition() -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"w{i:02d}" for i in range(30)])
    values = pa.array(
        sorted({" ".join(rng.choice(words, 6)) for _ in range(60)}), pa.large_string()
    )
    counts = terms.count_terms(values, QUIET)
    weights = rng.integers(1, 4, len(values))
    made = lexical.fit(counts, weights, seed=3)
    # the same matrix, dense, each text as often as it has rows
    dense = np.zeros((len(values), len(counts.terms)))
    dense[counts.text, counts.term] = (1 + np.log(counts.count)) * made.idf[counts.term]
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    singular = np.linalg.svd(np.repeat(dense, weights, axis=0), compute_uv=False)
    kept = np.linalg.norm(np.sqrt(weights)[:, None] * (dense @ made.loadings), axis=0)
    assert kept == pytest.approx(singular[: len(kept)], rel=1e-4)
    assert made.loadings.T @ made.loadings == pytest.approx(np.eye(len(kept)), abs=1e-4)
    assert (made.loadings[np.abs(made.loadings).argmax(0), np.arange(len(kept))] > 0).all()
    assert made.kept == pytest.approx((kept**2).sum() / weights.sum(), abs=1e-5)


def test_neither_order_nor_threads_change_a_byte() -> None:
    rng = np.random.default_rng(1)
    values = [" ".join(rng.choice(PETS, 2)) + f" {i % 50} {i % 7}{i % 5}" for i in range(400)]
    order = rng.permutation(400)
    straight = vectors(about(values))
    assert np.array_equal(straight[order], vectors(about([values[i] for i in order])))
    code = (
        "import sys; from tests.test_encoders import *; "
        "sys.stdout.buffer.write(vectors(about(sys.stdin.read().split(chr(10)))).tobytes())"
    )
    for threads in ("1", "2"):  # what the tests themselves have is conftest's
        done = subprocess.run(
            [sys.executable, "-c", code], input="\n".join(values).encode(), check=True,
            capture_output=True, cwd=ROOT, env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
        )  # fmt: skip
        assert done.stdout == straight.tobytes()


def test_alike_texts_are_close_and_a_query_finds_them() -> None:
    ds = about(PETS * 5)
    result = embedded(ds)
    found = result.column("embedding")
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-6)
    assert found[0] @ found[5] == pytest.approx(1) and found[0] @ found[1] > found[0] @ found[3]
    query = encoders.query_vector("lexical", "Where is the CAT?", result)
    assert (found @ query).argmax() % 5 in (0, 1) and found[0] @ query > found[2] @ query
    # the row's own text lands on the row
    assert encoders.query_vector("lexical", PETS[3], result) @ found[3] == pytest.approx(1)
    assert np.isnan(encoders.query_vector("lexical", "zzz ???", result)).all()
    assert result.tables["terms"].column_names == ["term", "characters", "idf", "loadings"]
    assert "TF-IDF" in " ".join(result.notes)


@pytest.mark.parametrize(
    ("values", "used"),
    [
        pytest.param(["hello"], 1, id="one row"),
        pytest.param(["a"], 1, id="one letter"),
        pytest.param(["hello", "world"], 2, id="two rows"),
        pytest.param(["x", "y", "z"], 3, id="three rows"),
        pytest.param(["same text"] * 40, 40, id="all equal"),
        pytest.param([None, "", " \t", "word", "word two"], 2, id="none, empty, blank"),
        pytest.param([None, None], 0, id="no text at all"),
        pytest.param(["the"] * 5 + ["of the"] * 9, 14, id="stop words only"),
        pytest.param(["12345", "12346", "99"], 3, id="digits"),
        pytest.param(CHINESE * 4, 20, id="no spaces"),
        pytest.param(["word " * 20_000, "x" * 100_000, "a word"], 3, id="100,000 characters"),
        pytest.param(["!!!", "???", "!?"], 3, id="punctuation"),
        pytest.param(["\U0001f600", "\U0001f600\U0001f601", "नमस्ते दुनिया"], 3, id="beyond ASCII"),
    ],
)
def test_odd_texts(values: list[str | None], used: int) -> None:
    result = embedded(about(values))
    found = result.column("embedding")
    assert result.about.n_used == used == int(np.isfinite(found).all(axis=1).sum())
    assert np.isnan(found[~result.used]).all()
    assert found[result.used] == pytest.approx(found[result.used])
    if used:
        assert np.linalg.norm(found[result.used], axis=1) == pytest.approx(1, abs=1e-5)


def test_texts_without_spaces_are_compared_by_characters() -> None:
    found = vectors(about(CHINESE))
    assert found[3] @ found[4] > found[3] @ found[2] + 0.1  # both about the weather
    result = embedded(about([*CHINESE, *PETS]))
    assert any("compared by characters" in note for note in result.notes)
    query = encoders.query_vector("lexical", "天气", result)
    assert (result.column("embedding") @ query).argmax() in (3, 4)
    # every letter of Latin occurs somewhere: that alone is no likeness
    assert np.isnan(encoders.query_vector("lexical", "zebra giraffe", result)).all()


def test_a_text_that_shares_nothing_is_left_out_and_said() -> None:
    alone = [chr(0x4E00 + k) * 3 for k in range(12)]
    result = embedded(about([*PETS, *alone]))
    assert dict(result.about.reasons) == {lexical.ALONE: 12}
    assert result.used.tolist() == [True] * 5 + [False] * 12


# -- functions ---------------------------------------------------------------------------------


def letters(some: list[str]) -> np.ndarray:
    return np.array([[text.count(letter) for letter in "aeiou"] for text in some], float)


def test_a_function_is_an_encoder() -> None:
    name = encoders.register(letters)
    assert name == encoders.register(letters) and name.startswith("callable:letters@")
    ds = about([*PETS, "xyz", None])
    measure = make("embedding", {"encoder": "callable:letters"}).resolved(ds)
    assert measure.parameters()["encoder"] == name and measure.runs() == "here"
    result = embedded(ds, name)
    found = result.column("embedding")
    assert found[0] == pytest.approx(letters(PETS[:1])[0] / np.linalg.norm(letters(PETS[:1])))
    assert dict(result.about.reasons) == {"no text": 1, "the function gave a vector of zeros": 1}
    assert any("notebook" in note for note in result.notes)
    assert encoders.title(name) == "the function letters"
    assert encoders.query_vector(name, PETS[2], result) == pytest.approx(found[2])
    job = dsx.measure(ds, "embedding", encoder=name)
    assert job.wait().column("embedding")[:5] == pytest.approx(found[:5])


def test_a_function_defined_anew_is_another() -> None:
    def mine(some: list[str]) -> list[list[int]]:
        return [[len(text), 1] for text in some]

    first = encoders.register(mine)
    second = encoders.register(lambda some: [[1, 2]] * len(some))
    mine_again = type(mine)(mine.__code__, mine.__globals__, "mine")
    third = encoders.register(mine_again)
    assert len({first, second, third}) == 3
    assert encoders.resolve("callable:mine", about(PETS)) == third
    assert encoders.register(mine, version="1") == "callable:mine@1"
    with pytest.raises(errors.InputError, match="a function from a list of texts"):
        encoders.register("mine")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("function", "code", "said"),
    [
        (lambda some: np.ones(len(some)), "bad-encoder-output", r"shape \(5,\)"),
        (lambda some: np.ones((1, 3)), "bad-encoder-output", r"\(5, d\)"),
        (lambda some: np.ones((len(some), 0)), "bad-encoder-output", r"shape \(5, 0\)"),
        (lambda some: [[1.0]] * (len(some) - 1) + [[1.0, 2.0]], "bad-encoder-output", "list"),
        (lambda some: [["x"]] * len(some), "bad-encoder-output", "could not convert"),
        (lambda some: np.full((len(some), 2), np.nan), "bad-encoder-output", "'a cat and a mouse'"),
        (lambda some: None, "bad-encoder-output", r"shape \(\)|NoneType"),
        (lambda some: 1 / 0, "encoder-raised", "ZeroDivisionError"),
    ],
)
def test_what_a_function_may_not_return(function: object, code: str, said: str) -> None:
    name = encoders.register(function)  # type: ignore[arg-type]
    with pytest.raises(errors.InputError, match=said) as caught:
        embedded(about(PETS), name)
    assert caught.value.code == code and caught.value.hint


def test_rows_of_another_length_in_a_later_call_are_refused() -> None:
    name = encoders.register(lambda some: np.ones((len(some), len(some))))
    with pytest.raises(errors.InputError, match="rows of one length"):
        embedded(about([f"text {i}" for i in range(300)]), name)


# -- given vectors -----------------------------------------------------------------------------


def with_vectors(values: np.ndarray) -> Dataset:
    table = pa.table({"embedding": from_numpy(values)})
    return Dataset(table, [Role("embedding", ("embedding",))])


def test_given_vectors_pass_through_without_a_copy() -> None:
    values = np.random.default_rng(0).normal(size=(2_000, 12)).astype(np.float32)
    ds = with_vectors(values)
    assert make("embedding", {}).resolved(ds).runs() == "here"
    result = embedded(ds, "auto")
    found = result.column("embedding")
    assert np.array_equal(found, values) and result.about.backend == "given"
    assert np.shares_memory(found, ds.values("embedding"))


@pytest.mark.parametrize("chunks", [1, 3])
def test_a_million_vectors_take_no_memory_of_their_own(chunks: int) -> None:
    n = 1_000_000 // chunks
    array = from_numpy(np.ones((n, 16), np.float32))
    column = pa.chunked_array([array] * chunks)
    ds = Dataset(pa.table({"embedding": column}), [Role("embedding", ("embedding",))])
    before = pa.total_allocated_bytes()
    result = embedded(ds, "given")
    assert result.rows is not None and result.rows.column("embedding").num_chunks == chunks
    assert pa.total_allocated_bytes() - before < column.nbytes / 4
    assert any("all vectors are equal" in note for note in result.notes)


def test_bad_vectors_are_left_out_and_said() -> None:
    values = np.random.default_rng(0).normal(size=(9, 4)).astype(np.float32)
    values[2, 1], values[5], values[7, 3], values[8] = np.nan, 0, np.inf, np.nan
    result = embedded(with_vectors(values), "given")
    assert dict(result.about.reasons) == {"a vector with missing or infinite numbers": 3}
    found = result.column("embedding")
    assert np.isnan(found[[2, 7, 8]]).all() and np.array_equal(found[5], np.zeros(4))
    assert any("1 vector of length zero" in note for note in result.notes)
    huge = np.full((3, 4), 3e38, np.float32)  # finite, though their sum is not in float32
    assert embedded(with_vectors(huge), "given").about.n_left_out == 0


@pytest.mark.parametrize("kind", [np.float64, np.float16, np.int32])
def test_other_numbers_become_float32_and_that_is_said(kind: type) -> None:
    values = np.arange(12).reshape(4, 3).astype(kind)
    result = embedded(with_vectors(values), "given")
    assert result.column("embedding").dtype == np.float32
    assert result.column("embedding") == pytest.approx(values.astype(float))
    assert any("float32" in note for note in result.notes)


def test_vectors_of_mixed_dimension_are_refused_with_their_rows() -> None:
    values = [[1.0, 2.0], [3.0, 4.0], [5.0], [6.0, 7.0]]
    with pytest.raises(errors.InputError) as caught:
        dsx.read({"text": list("abcd"), "vector": values}, embedding="vector")
    assert "row 2" in str(caught.value) and caught.value.hint
    with pytest.raises(errors.InputError) as caught:
        dsx.read({"text": list("abcd")}, embedding=values)
    assert caught.value.hint


def test_instances_of_given_vectors() -> None:
    values = np.eye(3, dtype=np.float32)
    table = pa.table({"a": from_numpy(values), "b": from_numpy(values * 2)})
    ds = Dataset(table, [Role("embedding", ("a",), "one"), Role("embedding", ("b",), "two")])
    assert encoders.resolve("auto", ds) == encoders.resolve("given", ds) == "given:one"
    assert np.array_equal(vectors(ds, "given:two"), values * 2)
    assert encoders.title("given:two") == "given vectors (two)"
    with pytest.raises(errors.InputError, match="did you mean 'two'"):
        encoders.resolve("given:tow", ds)
    with pytest.raises(errors.InputError, match="cannot be placed"):
        encoders.query_vector("given:one", "hello", embedded(ds, "given"))


# -- names -------------------------------------------------------------------------------------


@pytest.fixture
def nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without models: an empty hub cache, no package of weights, no network."""
    for name in ("SENTENCE_TRANSFORMERS_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(models, "PACKAGED", {})
    return tmp_path


@pytest.fixture
def with_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if sentence-transformers were installed."""
    monkeypatch.setattr(models, "installed", lambda: True)


def snapshot(hub: Path, repo: str, revision: str, *, newest: bool = True) -> Path:
    """The files of a model in the hub's cache, without what is in them."""
    there = hub / f"models--{repo.replace('/', '--')}"
    folder = there / "snapshots" / revision
    folder.mkdir(parents=True)
    (folder / "modules.json").write_text("[]")
    (folder / "model.safetensors").write_bytes(b"")
    if newest:
        (there / "refs").mkdir(exist_ok=True)
        (there / "refs" / "main").write_text(revision)
    return folder


def test_auto_without_a_model_is_lexical(nothing_here: Path, with_package: None) -> None:
    assert encoders.resolve("auto", about(PETS)) == "lexical"
    (choice,) = [c for c in encoders.choices(about(PETS)) if c["name"] == models.DEFAULT]
    assert not choice["ready"] and "HF_HUB_OFFLINE" in choice["why"]


def test_auto_is_given_vectors_before_all_else() -> None:
    ds = about(PETS, embedding=from_numpy(np.eye(5, dtype=np.float32)))
    assert encoders.resolve("auto", ds) == "given"
    assert [c["name"] for c in encoders.choices(ds)][:2] == ["given", models.DEFAULT]


def test_the_pinned_revision_is_found_in_the_hubs_cache(
    nothing_here: Path, with_package: None
) -> None:
    repo = f"sentence-transformers/{models.DEFAULT}"
    other = snapshot(nothing_here, repo, "e4ce9877abf3edfe10b0d82785e83bdcb973e22e")
    # another revision serves where the pinned one is not there, and is named
    for name in ("auto", models.DEFAULT):
        assert encoders.resolve(name, about(PETS)) == f"{models.DEFAULT}@e4ce9877abf3"
    pinned = snapshot(nothing_here, repo, models.PINNED[repo], newest=False)
    found = models.find(models.DEFAULT)
    assert found is not None and found.folder == pinned and found.source == "hub cache"
    for name in ("auto", repo):
        assert encoders.resolve(name, about(PETS)) == models.DEFAULT
    asked = models.find(f"{models.DEFAULT}@e4ce987")
    assert asked is not None and asked.folder == other
    assert encoders.title(f"{models.DEFAULT}@e4ce9877abf3") == models.DEFAULT


def test_a_half_fetched_model_is_not_there(nothing_here: Path, with_package: None) -> None:
    folder = snapshot(nothing_here, "someone/small", "0123456789abcdef")
    assert encoders.resolve("someone/small", about(PETS)) == "someone/small@0123456789ab"
    (folder / "model.safetensors").unlink()
    with pytest.raises(errors.InputError) as caught:
        encoders.resolve("someone/small", about(PETS))
    assert caught.value.code == "unknown-encoder"


def test_a_model_that_does_not_exist(nothing_here: Path, with_package: None) -> None:
    with pytest.raises(errors.InputError, match="did you mean 'all-MiniLM-L6-v2'") as caught:
        dsx.measure(about(PETS), "embedding", encoder="all-minilm-l6")
    assert caught.value.code == "unknown-encoder" and "HF_HUB_OFFLINE" in str(caught.value)
    with pytest.raises(errors.InputError, match="not on this machine"):
        encoders.resolve("./no/such/folder", about(PETS))


def test_a_name_may_be_fetched_where_that_is_allowed(
    nothing_here: Path, with_package: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    assert encoders.resolve("auto", about(PETS)) == "lexical"
    assert encoders.resolve("someone/some-model", about(PETS)) == "someone/some-model"
    with pytest.raises(errors.InputError, match="folder of a model"):
        encoders.resolve("what is this?", about(PETS))


def test_without_the_package_a_model_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "installed", lambda: False)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    assert encoders.resolve("auto", about(PETS)) == "lexical"
    with pytest.raises(errors.ExtraError, match=r"dsx\[embed\]"):
        encoders.resolve("someone/some-model", about(PETS))
    (choice,) = [c for c in encoders.choices(about(PETS)) if c["name"] == models.DEFAULT]
    assert "pip install" in choice["why"]


def test_what_a_dataset_has_nothing_for() -> None:
    labels = Dataset(pa.table({"label": ["a", "b"]}), [Role("label", ("label",))])
    with pytest.raises(errors.NeedsError, match="embedding or text or image"):
        dsx.measure(labels, "embedding")
    only = with_vectors(np.eye(2, dtype=np.float32))
    with pytest.raises(errors.NeedsError, match="text for the encoder word vectors"):
        dsx.measure(only, "embedding", encoder="lexical")
    with pytest.raises(errors.NeedsError, match="embedding"):
        dsx.measure(about(PETS), "embedding", encoder="given")


def test_texts_that_are_no_texts() -> None:
    numbers = Dataset(pa.table({"text": [1, 2, 3]}), [Role("text", ("text",))])
    with pytest.raises(errors.RoleError, match="of type int64"):
        dsx.measure(numbers, "embedding", encoder="lexical")


def test_images_without_a_model_say_what_would_unlock_them(
    nothing_here: Path, with_package: None
) -> None:
    pictures = Dataset(pa.table({"image": [b"x", b"y"]}), [Role("image", ("image",))])
    with pytest.raises(errors.NeedsError, match="clip-ViT-B-32") as caught:
        dsx.measure(pictures, "embedding")
    assert caught.value.code == "missing-image-model" and "embedding=array" in caught.value.hint
    (choice,) = encoders.choices(pictures)
    assert choice["name"] == "clip-ViT-B-32" and not choice["ready"]


# -- what may be loaded ------------------------------------------------------------------------


def test_code_and_pickles_of_a_model_are_refused(tmp_path: Path) -> None:
    folder = snapshot(tmp_path, "someone/small", "0123456789abcdef")
    found = models.Found("someone/small", folder, "0123456789abcdef", "hub cache")
    models.check_files(found)
    (folder / "modules.json").write_text(json.dumps([{"type": "custom_st.Mine", "path": ""}]))
    with pytest.raises(errors.FileError, match=r"custom_st\.Mine"):
        models.check_files(found)
    kind = "sentence_transformers.models.Dense"
    (folder / "modules.json").write_text(json.dumps([{"type": kind, "path": "2_Dense"}]))
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(errors.FileError, match="pickled weights: 2_Dense"):
        models.check_files(found)
    (folder / "2_Dense" / "model.safetensors").write_bytes(b"")
    models.check_files(found)
    (folder / "modules.json").write_text("{")
    with pytest.raises(errors.FileError, match="readable"):
        models.check_files(found)


def test_a_folder_that_changed_is_another_model(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    one = models.find(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    two = models.find(str(tmp_path))
    assert one is not None and two is not None and one.revision != two.revision
    again = models.find(models.identity(two))
    assert again == two and encoders.title(models.identity(two)) == tmp_path.name


def test_sixteen_bits_only_where_the_processor_has_them(tmp_path: Path) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("model name : x\nflags : fpu avx2 avx512f amx_bf16 amx_tile\n")
    assert hardware.fast_bfloat16(cpuinfo)
    other = tmp_path / "other"
    other.write_text("flags : fpu avx2 avx512f\n")
    assert not hardware.fast_bfloat16(other) and not hardware.fast_bfloat16(tmp_path / "none")


def test_the_batch_knob(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hardware.BATCH, "77")
    assert hardware.Hardware("cuda", "float16").tokens == 77
    monkeypatch.setenv(hardware.BATCH, "many")
    with pytest.raises(errors.InputError, match="DSX_BATCH_TOKENS"):
        _ = hardware.Hardware("cpu", "float32").tokens


def test_nothing_heavy_is_loaded_to_name_encoders() -> None:
    code = (
        "import sys; from tests.test_encoders import *; ds = about(PETS); "
        "encoders.resolve('auto', ds); encoders.choices(ds); vectors(ds); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], text=True, check=True, capture_output=True,
        cwd=ROOT,
    )  # fmt: skip
    loaded = set(run.stdout.split())
    assert not loaded & {"torch", "transformers", "sentence_transformers", "huggingface_hub"}
    assert "sklearn" not in loaded


QUIET = encoders.Report()


def test_a_world_of_few_words_keeps_the_common_ones() -> None:
    """Ten words, each in more than half of the texts: leaving out common words would leave none."""
    rng = np.random.default_rng(0)
    words = ["matrix", "eigen", "server", "socket", "plot", "mean", "tree", "graph", "file", "row"]
    ds = dsx.read({"text": [" ".join(rng.choice(words, 12)) for _ in range(200)]}, text="text")
    result = make("embedding", {"encoder": "lexical"}).compute(Inputs(ds))
    assert result.about.n_left_out == 0
    assert np.isfinite(result.column("embedding")).all()


def test_a_name_that_nobody_knows_is_told_from_a_package_that_is_missing(
    nothing_here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "installed", lambda: False)
    with pytest.raises(errors.InputError, match="no encoder of that name is known") as caught:
        encoders.resolve("all-MiniLM-L6-v3", about(PETS))
    said = str(caught.value)
    assert "did you mean 'all-MiniLM-L6-v2'" in said and "lexical" in said and "[embed]" in said
    monkeypatch.delenv("HF_HUB_OFFLINE")
    with pytest.raises(errors.ExtraError, match="sentence-transformers"):
        encoders.resolve("all-mpnet-base-v2", about(PETS))
