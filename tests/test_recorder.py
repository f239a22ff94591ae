"""Training dynamics recorded from loops of several kinds."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dsx
from dsx import errors

# three rows, two classes, two epochs
FIRST = np.array([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]], np.float32)
SECOND = np.array([[0.0, 1.0], [0.75, 0.25], [0.5, 0.5]], np.float32)


def test_a_loop_over_shuffled_batches() -> None:
    rec = dsx.Recorder(ids=["a", "b", "c"], labels=["no", "yes", "no"], classes=["no", "yes"])
    rec.log(0, ["c", "a"], probs=FIRST[[2, 0]])
    assert rec.epochs == []
    rec.log(0, ["b"], probs=FIRST[[1]])
    assert rec.epochs == [0]  # all rows are in
    rec.log(1, ["b", "c", "a"], probs=SECOND[[1, 2, 0]])
    ds = rec.dataset()
    np.testing.assert_array_equal(ds.values("epoch_probs"), np.stack([FIRST, SECOND], 1))
    assert ds.values("epoch_probs").dtype == np.float32
    assert ds.gold(ds.roles["epoch_probs"].classes).tolist() == [0, 1, 0]
    assert ds.ids(np.arange(3)) == ["a", "b", "c"]


def test_rows_and_labels_that_come_with_the_batches() -> None:
    with dsx.Recorder() as rec:
        for epoch in (1, 2):
            for batch in ([4, 2], [9]):
                rec.log(epoch, batch, logits=np.ones((len(batch), 3)), labels=[0] * len(batch))
        assert rec.epochs == [1]  # the second is over when the loop says so
    assert rec.epochs == [1, 2]
    ds = rec.dataset()
    assert ds.ids(np.arange(3)) == ["4", "2", "9"] and ds.values("epoch_logits").shape == (3, 2, 3)


def test_p_gold_alone_needs_no_labels() -> None:
    rec = dsx.Recorder()
    rec.epoch(0, [0.5, 0.25])
    rec.epoch(1, [0.75, 1.0])
    np.testing.assert_array_equal(
        rec.dataset().values("epoch_probs"), np.array([[0.5, 0.75], [0.25, 1.0]], np.float32)
    )


def test_scikit_learn_partial_fit() -> None:
    from sklearn.linear_model import SGDClassifier

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 4)), rng.choice(["u", "v", "w"], 60)
    model = SGDClassifier(loss="log_loss", random_state=0)
    rec = dsx.Recorder(labels=y, classes=["u", "v", "w"], texts=[f"row {i}" for i in range(60)])
    for epoch in range(3):
        model.partial_fit(x, y, classes=["u", "v", "w"])
        rec.epoch(epoch, model.predict_proba(x))
    ds = rec.dataset()
    assert ds.values("epoch_probs").shape == (60, 3, 3) and ds.roles["text"].column == "text"


class Tensor:
    """Stands in for a torch tensor on another device, in bfloat16 unless said otherwise."""

    def __init__(self, values, dtype="torch.bfloat16", state=()) -> None:
        self.values, self.dtype, self.state = values, dtype, state

    def detach(self):
        return Tensor(self.values, self.dtype, (*self.state, "detached"))

    def cpu(self):
        return Tensor(self.values, self.dtype, (*self.state, "cpu"))

    def float(self):
        return Tensor(self.values, "torch.float32", self.state)

    def numpy(self):
        if "bfloat16" in self.dtype or self.state != ("detached", "cpu"):
            raise TypeError("got unsupported ScalarType BFloat16")
        return np.asarray(self.values)

    def __array__(self, *args, **named):
        return self.numpy()

    def __len__(self) -> int:
        return len(self.values)


def test_tensors_are_known_by_their_methods() -> None:
    rec = dsx.Recorder()
    rec.log(0, Tensor([7, 5], "torch.int64"), logits=Tensor([[1.0, 2.0], [3.0, 4.0]]),
            labels=Tensor([0, 1], "torch.int64"))  # fmt: skip
    rec.finish()
    ds = rec.dataset()
    assert ds.values("epoch_logits").tolist() == [[[1, 2]], [[3, 4]]]
    assert ds.ids(np.arange(2)) == ["7", "5"]


def test_real_torch_tensors() -> None:
    torch = pytest.importorskip("torch")
    rec = dsx.Recorder()
    logits = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.bfloat16, requires_grad=True)
    rec.log(0, torch.tensor([7, 5]), logits=logits, labels=torch.tensor([0, 1]))
    rec.finish()
    assert rec.dataset().values("epoch_logits").tolist() == [[[1, 2]], [[3, 4]]]


class Model:
    """The part of a Keras model that callbacks see."""

    def __init__(self, outputs: list[np.ndarray]) -> None:
        self.outputs, self.seen = outputs, []

    def predict(self, x, **named):
        self.seen.append(named)
        return self.outputs[len(self.seen) - 1]


def fit(model: Model, callback, epochs: int) -> None:
    """Calls what Keras' fit calls, in its order."""
    callback.set_params({"epochs": epochs})
    callback.set_model(model)
    callback.on_train_begin(logs={})
    for epoch in range(epochs):
        callback.on_epoch_begin(epoch, {})
        callback.on_train_batch_begin(0, logs={})
        callback.on_train_batch_end(0, logs={})
        callback.on_epoch_end(epoch, {"loss": 0.5})
    callback.on_train_end({})


def test_a_keras_callback() -> None:
    rec, model = dsx.Recorder(labels=[0, 1, 0]), Model([FIRST, SECOND])
    callback = rec.keras(np.zeros((3, 2)), batch_size=8)
    assert getattr(callback.on_train_batch_end, "_is_default", False)
    fit(model, callback, 2)
    assert model.seen[0] == {"verbose": 0, "batch_size": 8}
    np.testing.assert_array_equal(rec.dataset().values("epoch_probs"), np.stack([FIRST, SECOND], 1))


def test_a_keras_model_with_one_sigmoid() -> None:
    rec, model = dsx.Recorder(labels=[0, 1]), Model([np.array([[0.25], [1.0]])])
    fit(model, rec.keras(None), 1)
    assert rec.dataset().values("epoch_probs")[:, 0].tolist() == [[0.75, 0.25], [0.0, 1.0]]


def test_a_refused_batch_loses_nothing() -> None:
    rec = dsx.Recorder(ids=["a", "b"], labels=[0, 1])
    rec.log(0, ["a"], probs=[[0.5, 0.5]])
    refused = {
        "duplicate-ids": [(0, ["a"], [[0.5, 0.5]]), (0, ["b", "b"], [[0.5, 0.5]] * 2)],
        "bad-rows": [
            (0, ["x"], [[0.5, 0.5]]),  # an id nobody named
            (0, ["b"], [[0.5, 0.6]]),
            (0, ["b"], [[1.5, -0.5]]),
            (0, ["b"], [[np.nan, 0.5]]),
        ],
        "bad-value": [
            (0, ["b"], [[0.5, 0.25, 0.25]]),  # another K
            (0, ["b"], [0.5]),
            (0, ["b"], [[0.5, 0.5]] * 2),
            (-1, ["b"], [[0.5, 0.5]]),
            (0.5, ["b"], [[0.5, 0.5]]),
        ],
    }
    for code, calls in refused.items():
        for epoch, names, probs in calls:
            with pytest.raises(errors.InputError) as caught:
                rec.log(epoch, names, probs=probs)
            assert caught.value.code == code
    with pytest.raises(errors.InputError, match="probs, as recorded so far"):
        rec.log(0, ["b"], logits=[[1.0, 2.0]])
    with pytest.raises(errors.InputError, match="gold label an id had before"):
        rec.log(0, ["b"], probs=[[0.5, 0.5]], labels=[0])
    with pytest.raises(errors.InputError, match="one finished epoch"):
        rec.dataset()
    rec.log(0, ["b"], probs=[[0.25, 0.75]])
    assert rec.dataset().values("epoch_probs")[:, 0].tolist() == [[0.5, 0.5], [0.25, 0.75]]


def test_labels_outside_the_classes_are_refused_at_once() -> None:
    with pytest.raises(errors.InputError, match=r"label 'maybe' in column 'labels' at row 1"):
        dsx.Recorder(labels=["no", "maybe"], classes=["no", "yes"])


def test_rows_missing_in_a_finished_epoch_are_nan_and_counted() -> None:
    rec = dsx.Recorder(ids=[1, 2, 3], labels=[0, 1, 0])
    rec.log(0, [1, 2, 3], probs=FIRST)
    rec.log(1, [1, 3], probs=SECOND[[0, 2]])
    rec.finish()
    ds = rec.dataset()
    assert np.isnan(ds.values("epoch_probs")[1, 1]).all()
    assert not np.isnan(ds.values("epoch_probs")[[0, 2]]).any()
    assert any(note.startswith("1 rows were not logged") for note in ds.notes)


def test_joined_with_a_frame_by_id() -> None:
    rec = dsx.Recorder(ids=["a", "b", "c"], labels=[0, 1, 0])
    rec.epoch(0, FIRST)
    ds = rec.dataset(
        {"key": ["c", "b", "a"], "words": ["see", "bee", "ay"]}, id="key", text="words"
    )
    assert ds.table.column("words").to_pylist() == ["ay", "bee", "see"]
    assert ds.roles["id"].column == "id" and ds.roles["text"].column == "words"


def test_read_while_training_goes_on() -> None:
    n, epochs = 400, 12
    rec = dsx.Recorder(ids=range(n), labels=[0] * n)
    stop, seen, broken = threading.Event(), set(), []

    def read() -> None:
        while not stop.is_set():
            done = rec.epochs
            if done:
                values = rec.dataset().values("epoch_probs")
                # epoch e was logged with p = (e + 1) / 100 everywhere: no half epochs
                ok = all((values[:, e, 0] == np.float32((e + 1) / 100)).all() for e in done)
                seen.add(values.shape[1])
                if not ok:
                    broken.append(values)

    thread = threading.Thread(target=read)
    thread.start()
    for epoch in range(epochs):
        p = (epoch + 1) / 100
        for rows in np.array_split(np.random.default_rng(epoch).permutation(n), 40):
            rec.log(epoch, rows, probs=np.tile([p, 1 - p], (len(rows), 1)))
    stop.set()
    thread.join()
    assert not broken and rec.dataset().values("epoch_probs").shape == (n, epochs, 2)


@pytest.mark.parametrize("kind", ["probs", "logits", "gold"])
def test_saved_and_read_again(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    rec = dsx.Recorder(ids=["a", "ż", 'q"'], labels=["no", "yes", "no"], classes=["no", "yes"])
    for epoch in (3, 4):
        share = rng.random(3).astype(np.float32)
        if kind == "logits":
            rec.epoch(epoch, logits=rng.normal(size=(3, 2)))
        elif kind == "probs":
            rec.epoch(epoch, np.stack([share, 1 - share], 1))
    if kind == "gold":
        rec = dsx.Recorder(ids=["a", "b", "c"])
        rec.epoch(3, rng.random(3))
        rec.log(4, ["b"], probs=[0.125])
        rec.finish()
    before = rec.dataset()
    folder = rec.save(tmp_path / "run")
    lines = (folder / "dynamics_epoch_4.jsonl").read_text(encoding="utf-8").splitlines()
    assert {"guid"} <= set(json.loads(lines[0]))
    if kind != "gold":
        # readers of the published layout find what they look for
        assert {"guid", "logits_epoch_4", "gold"} <= set(json.loads(lines[0]))
        assert json.loads(lines[1])["gold"] == 1
    after = dsx.read(folder)
    role = "epoch_logits" if kind == "logits" else "epoch_probs"
    assert after.values(role).dtype == np.float32
    np.testing.assert_array_equal(after.values(role), before.values(role))
    assert after.ids(np.arange(3)) == before.ids(np.arange(3))
    if kind != "gold":
        assert after.codes("label")[1] == ["no", "yes"]
        assert after.roles[role].classes == before.roles[role].classes
    with pytest.raises(errors.FileError, match="without a recording"):
        rec.save(folder)
    rec.save(folder, overwrite=True)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_any_order_of_batches_records_the_same(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 8))
    order = data.draw(st.permutations(range(n)))
    cuts = sorted(data.draw(st.lists(st.integers(0, n), max_size=4)))
    values = np.linspace(0, 1, n, dtype=np.float32)
    rec = dsx.Recorder()
    for rows in np.split(np.array(order, dtype=np.int64), cuts):
        rec.log(0, rows, probs=values[rows])
    rec.finish()
    ds = rec.dataset()
    assert ds.values("id").tolist() == list(order)
    np.testing.assert_array_equal(ds.values("epoch_probs")[:, 0], values[list(order)])


def recorded(**made) -> dsx.Recorder:
    rec = dsx.Recorder(**made)
    rec.epoch(0, FIRST)
    rec.epoch(1, SECOND)
    return rec


FRAME = {"guid": ["x", "y", "z"], "words": ["see", "bee", "ay"], "label": ["no", "yes", "no"]}


@pytest.mark.parametrize(
    "join",
    [
        lambda rec, frame: rec.dataset(frame),
        lambda rec, frame: dsx.read(frame, epoch_probs=rec, text="words"),
        lambda rec, frame: dsx.read(rec, join=frame),
        lambda rec, frame: rec.dataset(dsx.read(frame, text="words")),
    ],
)
@pytest.mark.parametrize("made", [{}, {"labels": FRAME["label"]}])
def test_without_ids_rows_are_joined_in_their_order(join, made) -> None:
    ds = join(recorded(classes=["no", "yes"], **made), FRAME)
    assert ds.table.column("words").to_pylist() == FRAME["words"]
    assert ds.ids(np.arange(3)) == ["x", "y", "z"]
    assert ds.gold(ds.roles["epoch_probs"].classes).tolist() == [0, 1, 0]
    assert any("row by row, in its order" in note for note in ds.notes)
    assert set(ds.frame()) == set(FRAME)


def test_joined_in_order_needs_as_many_rows() -> None:
    with pytest.raises(errors.InputError, match=r"dsx\.Recorder\(ids="):
        recorded(labels=[0, 1, 0]).dataset({"words": ["a", "b"]})


def test_logged_row_numbers_find_their_rows() -> None:
    rec = dsx.Recorder(classes=["no", "yes"])
    with rec:
        rec.log(0, [2, 0, 1], FIRST[[2, 0, 1]], labels=["no", "no", "yes"])
    frame = {"words": FRAME["words"]}
    assert rec.dataset(frame).table.column("words").to_pylist() == ["ay", "see", "bee"]


def test_a_recorder_is_a_source() -> None:
    rec = recorded(labels=[0, 1, 0])
    assert len(dsx.read(rec)) == 3 and dsx.read(rec, name="mine").name == "mine"
    assert isinstance(dsx.explore(rec).dataset, dsx.Dataset)
    with pytest.raises(errors.InputError, match=r"a\.dataset\(frame\)\.values\('epoch_probs'\)"):
        dsx.read(FRAME, epoch_probs={"seed0": rec, "seed1": rec})


def test_a_loop_run_twice_says_what_to_do() -> None:
    rec = recorded(labels=[0, 1, 0])
    with pytest.raises(errors.InputError, match=r"epoch 0 is already recorded.*new Recorder"):
        rec.epoch(0, FIRST)


def test_logits_given_as_probabilities() -> None:
    for values in ([[3.0, -1.0]], [[3.0, 1.0]]):
        with pytest.raises(errors.InputError, match=r"pass them as .*logits=\)"):
            dsx.Recorder(labels=[0]).log(0, [0], values)


def test_one_value_a_row_is_noted_as_p_gold() -> None:
    rec = dsx.Recorder(labels=["no", "yes"], classes=["no", "yes"])
    rec.epoch(0, [0.5, 0.25])
    assert any("taken as p(gold)" in note for note in rec.dataset().notes)


def test_class_probabilities_without_labels_say_where_labels_go() -> None:
    with pytest.raises(errors.NeedsError, match=r"dsx\.Recorder\(labels=.*rec\.dataset\(frame"):
        recorded().dataset()
