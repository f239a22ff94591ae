"""The dynamics lens against tables worked by hand and against published figures."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import kendalltau

import dsx
from dsx import errors
from dsx.columns import from_numpy
from dsx.dataset import Dataset
from dsx.measures import Inputs, Result, cartography_subset, make
from dsx.measures.inputs import checked
from dsx.roles import Role

CLASSES = ("x", "y", "z")


def dataset(
    labels: list[Any] | None = None, classes: tuple[str, ...] = (), **arrays: Any
) -> Dataset:
    """A Dataset with arrays as roles; `kind__name` is the instance `name` of a kind."""
    columns: dict[str, Any] = {}
    roles = []
    for key, values in arrays.items():
        kind, _, instance = key.partition("__")
        values = np.asarray(values)
        columns[key] = from_numpy(values)
        of = classes if values.ndim == 3 or kind == "prediction" else ()
        roles.append(Role(kind, (key,), instance, of))
    if labels is not None:
        columns["label"] = pa.array(labels, pa.string())
        roles.append(Role("label", ("label",)))
    return Dataset(pa.table(columns), roles)


def compute(ds: Dataset, key: str, **parameters: Any) -> Result:
    measure = make(key, parameters)
    checked(measure, Inputs(ds))
    return measure.compute(Inputs(ds))


# Three rows, four epochs, three classes.
#   row 0, gold x: p(gold) .5 .6 .2 .8, right right wrong right
#   row 1, gold y: p(gold) .1 .2 .1 .2, never right
#   row 2, gold z: p(gold) .1 .9 .1 .9, wrong right wrong right
PROBS = np.array(
    [
        [[0.5, 0.3, 0.2], [0.6, 0.2, 0.2], [0.2, 0.5, 0.3], [0.8, 0.1, 0.1]],
        [[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.8, 0.1, 0.1], [0.7, 0.2, 0.1]],
        [[0.6, 0.3, 0.1], [0.05, 0.05, 0.9], [0.6, 0.3, 0.1], [0.05, 0.05, 0.9]],
    ]
)
GOLD = [0, 1, 2]


@pytest.fixture(params=["classes", "logits"])
def three(request: pytest.FixtureRequest) -> Dataset:
    """The three rows as probabilities, and as logits that give the same probabilities."""
    labels = [CLASSES[k] for k in GOLD]
    if request.param == "classes":
        return dataset(labels, CLASSES, epoch_probs=PROBS)
    shift = np.arange(12.0).reshape(3, 4, 1)  # a softmax does not see it
    return dataset(labels, CLASSES, epoch_logits=np.log(PROBS) + shift)


def test_data_map_worked(three: Dataset) -> None:
    result = compute(three, "data_map")
    # row 0: mean (.5+.6+.2+.8)/4 = .525; squares .000625+.005625+.105625+.075625 = .1875, /4
    # row 1: mean .15, all .05 away; row 2: mean .5, all .4 away
    assert result.column("confidence") == pytest.approx([0.525, 0.15, 0.5])
    assert result.column("variability") == pytest.approx([math.sqrt(0.1875 / 4), 0.05, 0.4])
    assert result.column("correctness") == pytest.approx([0.75, 0.0, 0.5])
    assert result.column("n_correct").tolist() == [3, 0, 2]
    assert result.column("region").tolist() == ["easy", "hard", "ambiguous"]
    assert result.summary["mean_confidence"].value == pytest.approx((0.525 + 0.15 + 0.5) / 3)
    assert result.summary["mean_confidence"].low is None  # three rows: no interval, and said
    assert "at least 20" in result.summary["mean_confidence"].method
    assert result.tables["regions"]["n_rows"].to_pylist() == [1, 1, 1]
    assert result.tables["correctness"]["n_rows"].to_pylist() == [1, 0, 1, 1]
    assert result.evidence("regions", 2).tolist() == [1]
    assert result.evidence("summary", "share_ambiguous").tolist() == [2]
    assert result.evidence("correctness", 3, "n_rows").tolist() == [0]
    assert any("no official" in note for note in result.notes)


def test_data_map_of_the_first_epochs(three: Dataset) -> None:
    result = compute(three, "data_map", first_epochs=2)
    # (.5+.6)/2, (.1+.2)/2, (.1+.9)/2
    assert result.column("confidence") == pytest.approx([0.55, 0.15, 0.5])
    assert result.column("n_correct").tolist() == [2, 0, 1]
    assert "only the first 2 of 4 epochs count" in result.notes
    with pytest.raises(errors.InputError, match="at most the 4 recorded"):
        compute(three, "data_map", first_epochs=5)


def test_regions_move_with_their_thresholds(three: Dataset) -> None:
    result = compute(three, "data_map", variability_threshold=0.5, confidence_threshold=0.15)
    assert result.column("region").tolist() == ["easy", "easy", "easy"]


def test_thresholds_are_met_by_equality() -> None:
    # mean .5 and deviation .25 exactly: .25 and .75
    ds = dataset(epoch_probs=np.array([[0.25, 0.75], [0.5, 0.5]]))
    assert compute(ds, "data_map").column("region").tolist() == ["ambiguous", "easy"]


def test_forgetting_worked(three: Dataset) -> None:
    result = compute(three, "forgetting")
    # row 0 falls once (epoch 2 to 3) and stays right from epoch 4; row 1 is never right;
    # row 2 falls once and stays right from epoch 4
    assert result.rows is not None
    assert result.rows["n_forgetting"].to_pylist() == [1, None, 1]
    assert result.rows["never_learned"].to_pylist() == [False, True, False]
    assert result.rows["first_learned_epoch"].to_pylist() == [4, None, 4]
    assert result.rows["learning"].to_pylist() == ["forgettable", "never learned", "forgettable"]
    assert result.summary["mean_n_forgetting"].value == 1.0  # over the two that were learned
    assert result.summary["mean_n_forgetting"].reasons == {"never learned": 1}
    assert result.evidence("summary", "share_never_learned").tolist() == [1]
    assert result.evidence("events", 1).tolist() == [0, 2]


def test_a_row_right_throughout_is_unforgettable_and_one_that_ends_wrong_has_no_epoch() -> None:
    right = np.array([[[0.9, 0.1]] * 3, [[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]]])
    result = compute(dataset(["a", "a"], ("a", "b"), epoch_probs=right), "forgetting")
    assert result.rows is not None
    assert result.rows["first_learned_epoch"].to_pylist() == [1, None]
    assert result.rows["learning"].to_pylist() == ["unforgettable", "forgettable"]
    assert result.rows["n_forgetting"].to_pylist() == [0, 1]


def test_ties_go_to_the_first_class_as_numpy_argmax_has_it() -> None:
    tie = np.array([[[0.4, 0.4, 0.2]], [[0.4, 0.4, 0.2]], [[0.4, 0.2, 0.4]]])
    result = compute(dataset(["x", "y", "z"], CLASSES, epoch_probs=tie), "forgetting")
    assert result.rows is not None
    assert result.rows["never_learned"].to_pylist() == [False, True, True]
    logits = dataset(["x", "y", "z"], CLASSES, epoch_logits=np.zeros((3, 1, 3)))
    rows = compute(logits, "forgetting").rows
    assert rows is not None and rows["never_learned"].to_pylist() == [False, True, True]


def test_loss_trajectory_worked(three: Dataset) -> None:
    result = compute(three, "loss_trajectory")
    # row 0: -ln .5 .6 .2 .8 = .693147 .510826 1.609438 .223144, mean 3.036554/4
    # slope (-1.5*.693147 - .5*.510826 + .5*1.609438 + 1.5*.223144) / 5 = -.0311399
    # area 3.036554 - (.693147 + .223144)/2 = 2.578409
    assert result.column("mean_loss")[0] == pytest.approx(0.759139, abs=1e-6)
    assert result.column("first_loss")[0] == pytest.approx(math.log(2))
    assert result.column("last_loss")[0] == pytest.approx(-math.log(0.8))
    assert result.column("loss_slope")[0] == pytest.approx(-0.0311399, abs=1e-6)
    assert result.column("loss_area")[0] == pytest.approx(2.578409, abs=1e-6)
    assert result.summary["mean_loss"].measured_in == "nats"


def test_a_probability_of_zero_has_a_finite_counted_loss() -> None:
    ds = dataset(epoch_probs=np.array([[0.0, 1.0], [0.5, 0.5]], np.float32))
    result = compute(ds, "loss_trajectory")
    smallest = float(np.nextafter(np.float32(0), np.float32(1)))  # 1.4e-45
    assert result.column("first_loss")[0] == pytest.approx(-math.log(smallest))
    assert any("lower bounds" in note and "1 rows" in note for note in result.notes)
    assert result.evidence("summary", "share_infinite").tolist() == [0]


def test_area_under_the_margin_worked(three: Dataset) -> None:
    result = compute(three, "area_under_margin")
    # row 0: (ln .5/.3 + ln .6/.2 + ln .2/.5 + ln .8/.1) / 4
    #        = (.510826 + 1.098612 - .916291 + 2.079442) / 4 = .693147
    # row 1: (ln .1/.8 + ln .2/.7 + ln .1/.8 + ln .2/.7) / 4 = (-2.079442 - 1.252763) / 2
    # row 2: (ln .1/.6 + ln .9/.05) / 2 = (-1.791759 + 2.890372) / 2
    assert result.column("area_under_margin") == pytest.approx(
        [0.693147, -1.6661025, 0.5493065], abs=1e-6
    )
    assert result.column("margin")[0] == pytest.approx(math.log(8))
    assert result.evidence("summary", "share_negative").tolist() == [1]
    first = compute(three, "area_under_margin", first_epochs=1)
    assert first.column("area_under_margin")[0] == pytest.approx(math.log(5 / 3))


def test_margins_of_zero_probabilities_are_bounded_and_counted() -> None:
    ds = dataset(["a", "b"], ("a", "b"), epoch_probs=np.array([[[1.0, 0.0]], [[0.5, 0.5]]]))
    result = compute(ds, "area_under_margin")
    assert result.column("area_under_margin")[0] == pytest.approx(-math.log(5e-324))
    assert any("0 in some epoch of 1 rows" in note for note in result.notes)


def test_el2n_worked(three: Dataset) -> None:
    # a tenth of four epochs, rounded up: epoch 1
    # row 0: sqrt(.5^2 + .3^2 + .2^2) = sqrt(.38); row 1: sqrt(.8^2 + .9^2 + .1^2) = sqrt(1.46)
    # row 2: sqrt(.6^2 + .3^2 + .9^2) = sqrt(1.26)
    result = compute(three, "el2n")
    assert result.column("el2n") == pytest.approx([math.sqrt(v) for v in (0.38, 1.46, 1.26)])
    # epoch 4, row 0: sqrt(.2^2 + .1^2 + .1^2)
    last = compute(three, "el2n", epoch=4)
    assert last.column("el2n")[0] == pytest.approx(math.sqrt(0.06))
    for epoch in (0, 5):
        with pytest.raises(errors.InputError, match="from 1 to the 4 recorded"):
            compute(three, "el2n", epoch=epoch)


def test_el2n_is_the_mean_over_runs() -> None:
    turned = np.roll(PROBS, 1, axis=1)  # its epoch 1 is the other's epoch 4
    labels = [CLASSES[k] for k in GOLD]
    ds = dataset(labels, CLASSES, epoch_probs__a=PROBS, epoch_probs__b=turned)
    result = compute(ds, "el2n")
    one, two = math.sqrt(0.38), math.sqrt(0.06)
    assert result.column("el2n")[0] == pytest.approx((one + two) / 2)
    assert result.column("el2n_spread")[0] == pytest.approx((one - two) / 2)
    assert compute(ds, "el2n", run="b").column("el2n")[0] == pytest.approx(two)
    with pytest.raises(errors.InputError, match="a recorded run"):
        compute(ds, "el2n", run="c")


def test_pvi_worked() -> None:
    ds = dataset(
        null_prob=np.array([0.5, 0.25, 0.5]), epoch_probs=[[0.1, 1.0], [0.1, 0.5], [0.9, 0.125]]
    )
    result = compute(ds, "pvi")
    # last epoch: log2 1/.5 = 1, log2 .5/.25 = 1, log2 .125/.5 = -2; their mean is 0
    assert result.column("pvi") == pytest.approx([1.0, 1.0, -2.0])
    assert result.summary["v_information"].value == pytest.approx(0.0)
    assert result.summary["v_information"].measured_in == "bits"
    assert result.evidence("summary", "share_negative").tolist() == [2]


def test_pvi_from_a_finished_model() -> None:
    ds = dataset(
        ["x", "z"],
        CLASSES,
        prediction=[[0.5, 0.25, 0.25], [0.5, 0.25, 0.25]],
        null_prob=[0.25, 0.5],
    )
    # log2 .5/.25 = 1 and log2 .25/.5 = -1
    assert compute(ds, "pvi").column("pvi") == pytest.approx([1.0, -1.0])
    with pytest.raises(errors.InputError, match="one of auto"):
        compute(ds, "pvi", source="elsewhere")


def test_learning_order_worked() -> None:
    # two labels, so p > .5 is right. First-learned epochs (never = 4 of 3 epochs):
    #   run a: 1 2 3 never; run b: 1 3 2 never -> pairs of rows: 6, one discordant, no ties
    a = np.array([[0.9, 0.9, 0.9], [0.1, 0.9, 0.9], [0.1, 0.1, 0.9], [0.1, 0.9, 0.1]])
    b = np.array([[0.9, 0.9, 0.9], [0.1, 0.1, 0.9], [0.1, 0.9, 0.9], [0.1, 0.1, 0.1]])
    ds = dataset(["p", "q", "p", "q"], epoch_probs__a=a, epoch_probs__b=b)
    result = compute(ds, "learning_order")
    assert result.summary["mean_kendall_tau"].value == pytest.approx((5 - 1) / 6)
    assert result.tables["pairs"]["kendall_tau"].to_pylist() == [pytest.approx(4 / 6)]
    assert result.rows is not None
    assert result.rows["first_learned_epoch:a"].to_pylist() == [1, 2, 3, None]
    assert result.rows["n_runs_learned"].to_pylist() == [2, 2, 2, 0]
    # row 3: right once in three epochs of run a, never in b
    assert result.column("accessibility") == pytest.approx([1.0, 0.5, 0.5, 1 / 6])


def test_learning_order_is_kendalls_tau_b_with_its_interval() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=400)[:, None] + np.linspace(-1, 2, 5)
    runs = {
        f"epoch_probs__{k}": 1 / (1 + np.exp(-base - rng.normal(scale=0.7, size=base.shape)))
        for k in "abc"
    }
    labels = ["p", "q"] * 200
    ds = dataset(labels, **runs)
    result = compute(ds, "learning_order")
    first = {k: result.column(f"first_learned_epoch:{k}") for k in "abc"}
    first = {k: np.where(np.isnan(v), 6, v) for k, v in first.items()}
    taus = [float(kendalltau(first[x], first[y])[0]) for x, y in ("ab", "ac", "bc")]
    assert result.tables["pairs"]["kendall_tau"].to_pylist() == pytest.approx(taus)
    mean = result.summary["mean_kendall_tau"]
    assert mean.value == pytest.approx(np.mean(taus))
    # against a plain bootstrap of 300 resamples of the rows
    draws = []
    for _ in range(300):
        at = rng.integers(0, 400, 400)
        draws.append(
            np.mean([kendalltau(first[x][at], first[y][at])[0] for x, y in ("ab", "ac", "bc")])
        )
    low, high = np.quantile(draws, [0.025, 0.975])
    assert (mean.low, mean.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_tp_agreement_of_the_definitions_page(cases: Path) -> None:
    known = json.loads((cases / "GOLDEN.json").read_text())["tp_agreement"]
    right = np.array(known["correct (runs x rows)"])
    runs = {f"epoch_probs__{i}": np.where(row, 0.9, 0.1)[:, None] for i, row in enumerate(right)}
    result = compute(dataset(["a", "b", "a", "b"], **runs), "learning_order")
    assert result.column("accessibility") == pytest.approx(known["value"])


# -- what is undefined is said ----------------------------------------------------------------


@pytest.mark.parametrize("labels", [None, ["a", "b", "c"]], ids=["no labels", "three labels"])
def test_gold_probabilities_alone_leave_correctness_undefined(labels: list[str] | None) -> None:
    p = np.array([[0.9, 0.9], [0.4, 0.2], [0.1, 0.9]])
    ds = dataset(labels, epoch_probs=p, epoch_probs__b=p)
    result = compute(ds, "data_map")
    assert result.rows is not None
    assert result.rows["correctness"].null_count == result.rows["n_correct"].null_count == 3
    assert result.column("confidence") == pytest.approx([0.9, 0.3, 0.5])
    for key, name in (
        ("data_map", "correctness"), ("forgetting", "n_forgetting"), ("el2n", "el2n"),
        ("area_under_margin", "area_under_margin"), ("learning_order", "accessibility"),
    ):  # fmt: skip
        undefined = compute(ds, key)
        assert undefined.rows is not None and undefined.rows[name].null_count == 3
        assert any("undefined" in note for note in undefined.notes), key
    assert compute(ds, "forgetting").summary["share_never_learned"].value is None


def test_with_two_labels_a_gold_probability_over_a_half_is_correct() -> None:
    ds = dataset(["a", "b"], epoch_probs=np.array([[0.75, 0.5], [0.25, 0.51]]))
    result = compute(ds, "data_map")
    assert result.column("n_correct").tolist() == [1, 1]
    assert any("p(gold) > .5" in note for note in result.notes)
    # margin ln .75/.25 = ln 3 at the first epoch, ln 1 at the second
    margins = compute(ds, "area_under_margin").column("area_under_margin")
    assert margins[0] == pytest.approx(math.log(3) / 2)
    # the error is 1 - p in both classes
    assert compute(ds, "el2n").column("el2n") == pytest.approx(
        math.sqrt(2) * np.array([0.25, 0.75])
    )


def test_one_epoch_refuses_the_map_and_nothing_else() -> None:
    ds = dataset(["x", "y", "z"], CLASSES, epoch_probs=PROBS[:, :1], null_prob=[0.5, 0.5, 0.5])
    with pytest.raises(errors.InputError, match="at least 2 epochs in 'epoch_probs'"):
        compute(ds, "data_map")
    assert compute(ds, "el2n").column("el2n")[0] == pytest.approx(math.sqrt(0.38))
    assert compute(ds, "area_under_margin").column("margin")[0] == pytest.approx(math.log(5 / 3))
    assert compute(ds, "pvi").column("pvi")[0] == pytest.approx(0.0)
    assert compute(ds, "forgetting").column("never_learned").tolist() == [False, True, True]
    loss = compute(ds, "loss_trajectory")
    assert loss.column("mean_loss")[0] == pytest.approx(math.log(2))
    assert loss.rows is not None and loss.rows["loss_slope"].null_count == 3
    assert "one epoch only: slope and area are undefined" in loss.notes


def test_rows_left_out_are_null_and_counted_with_reasons() -> None:
    probs = np.concatenate([PROBS, PROBS])
    probs[4, 2] = np.nan  # not seen in epoch 3
    ds = dataset(["x", "y", "z", None, "y", "z"], CLASSES, epoch_probs=probs, epoch_probs__b=probs)
    for key in ("data_map", "forgetting", "loss_trajectory", "area_under_margin", "learning_order"):
        result = compute(ds, key)
        assert result.about.n_left_out == 2
        assert result.about.reasons == {"no label": 1, "not recorded in every epoch": 1}
        assert result.rows is not None
        assert result.rows.column(0).is_null().to_pylist()[3:5] == [True, True]
        assert all(e.n_left_out >= 2 for e in result.summary.values())
        assert 3 not in result.evidence("summary", next(iter(result.summary)))
    assert compute(ds, "data_map").column("confidence")[[0, 1, 2, 5]] == pytest.approx(
        [0.525, 0.15, 0.5, 0.5]
    )


@pytest.mark.parametrize(
    ("kind", "values", "match"),
    [
        ("epoch_probs", [[0.5, 1.2], [0.5, 0.5]], "probabilities in .0, 1."),
        ("epoch_probs", [[0.5, 0.2], [-0.5, 0.5]], "at row 1"),
        ("epoch_probs", [[[0.5, 0.2]] * 2, [[0.5, 0.5]] * 2], "sum to one"),
        ("epoch_logits", [[[np.inf, 0]] * 2, [[0, 0]] * 2], "finite logits"),
        ("epoch_logits", [[[np.nan, 0]] * 2, [[0, 0]] * 2], "at row 0"),
    ],
)
def test_stray_values_of_a_dataset_built_by_hand_are_refused(
    kind: str, values: list[Any], match: str
) -> None:
    for dtype in (np.float32, np.float64):
        ds = dataset(["a", "b"], ("a", "b"), **{kind: np.array(values, dtype)})
        with pytest.raises(errors.InputError, match=match):
            compute(ds, "data_map")


def test_stray_values_of_side_roles_are_refused() -> None:
    p = np.array([[0.5, 0.5], [0.5, 0.5]])
    with pytest.raises(errors.InputError, match="column 'null_prob' at row 1"):
        compute(dataset(epoch_probs=p, null_prob=[0.5, 1.5]), "pvi")
    with pytest.raises(errors.InputError, match="column 'prediction' at row 0"):
        ds = dataset(["a", "b"], ("a", "b"), prediction=p * [[1.5], [1]], null_prob=[0.5, 0.5])
        compute(ds, "pvi")
    table = pa.table({"confidence": [0.5, 1.5], "variability": [0.1, 0.1]})
    with pytest.raises(errors.InputError, match="column 'confidence' at row 1"):
        compute(Dataset(table), "data_map")


def test_every_float_type_and_negative_zero_are_read() -> None:
    p = np.array([[0.5, 1.0, 0.0], [0.25, -0.0, 0.75]])
    for dtype in (np.float16, np.float32, np.float64):
        result = compute(dataset(epoch_probs=p.astype(dtype)), "data_map")
        assert result.column("confidence") == pytest.approx(p.mean(axis=1))


def test_classes_without_names_are_matched_only_where_that_is_safe() -> None:
    numbered = dataset(["0", "2", "2"], (), epoch_probs=PROBS)  # class 1 never is a label
    assert compute(numbered, "data_map").column("confidence")[1] == pytest.approx(0.1)
    with pytest.raises(errors.InputError, match="names for the 3 classes"):
        compute(dataset(["a", "b", "c"], (), epoch_probs=PROBS), "data_map")


def test_large_runs_in_blocks_equal_the_plain_formula() -> None:
    rng = np.random.default_rng(0)
    n, epochs, k = 5_000, 7, 5
    logits = rng.normal(scale=3, size=(n, epochs, k)).astype(np.float32)
    gold = rng.integers(0, k, n)
    names = tuple("abcde")
    ds = dataset([names[g] for g in gold], names, epoch_logits=logits)
    wide = logits.astype(np.float64)
    soft = np.exp(wide - wide.max(-1, keepdims=True))
    soft /= soft.sum(-1, keepdims=True)
    p = np.take_along_axis(soft, gold[:, None, None].repeat(epochs, 1), 2)[..., 0]
    result = compute(ds, "data_map")
    assert np.array_equal(result.column("confidence"), p.mean(1).astype(np.float32))
    assert result.column("variability") == pytest.approx(p.std(1), abs=1e-7)
    right = logits.argmax(-1) == gold[:, None]
    assert np.array_equal(result.column("n_correct"), right.sum(1))
    fell = (right[:, :-1] & ~right[:, 1:]).sum(1)
    events = compute(ds, "forgetting").column("n_forgetting")
    assert np.array_equal(events[right.any(1)], fell[right.any(1)])
    others = wide.copy()
    np.put_along_axis(others, gold[:, None, None].repeat(epochs, 1), -np.inf, 2)
    own = np.take_along_axis(wide, gold[:, None, None].repeat(epochs, 1), 2)[..., 0]
    area = compute(ds, "area_under_margin").column("area_under_margin")
    assert area == pytest.approx((own - others.max(-1)).mean(1))
    error = soft[:, 0] - np.eye(k)[gold]
    assert compute(ds, "el2n").column("el2n") == pytest.approx(np.linalg.norm(error, axis=1))


# -- published figures ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def winogrande(cases: Path) -> Result:
    folder = cases / "allenai+cartography" / "data" / "data_map_coordinates"
    lines = (folder / "winogrande_roberta_0_6_data_map_coordinates.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    names = ("confidence", "variability", "correctness")
    table = pa.table({name: [row[name] for row in rows] for name in names})
    return compute(Dataset(table, [Role("coordinates", names)]), "data_map")


def test_winogrande_coordinates(winogrande: Result) -> None:
    assert winogrande.about.n_rows == 40_398
    summary = winogrande.summary
    assert round(summary["mean_confidence"].value or 0, 4) == 0.8974
    assert round(summary["mean_variability"].value or 0, 4) == 0.1480
    assert round(summary["mean_n_correct"].value or 0, 4) == 5.4957
    counts = winogrande.tables["correctness"]["n_rows"].to_pylist()
    assert counts == [27, 84, 266, 698, 2208, 12215, 24900]
    assert len(winogrande.evidence("correctness", 0)) == 27
    assert any("as published" in note for note in winogrande.notes)
    assert winogrande.rows is not None and winogrande.rows["correctness"].null_count == 40_398


def test_the_official_subset_rule(winogrande: Result) -> None:
    confidence, variability = winogrande.column("confidence"), winogrande.column("variability")
    # int(.33 * 40398) + 1 = 13332
    hard = cartography_subset(winogrande, "hard", 0.33)
    assert len(hard) == 13_332 and hard.dtype == np.uint32
    assert confidence[hard].max() <= np.delete(confidence, hard).min()
    ambiguous = cartography_subset(winogrande, "ambiguous", 0.33)
    assert variability[ambiguous].min() >= np.delete(variability, ambiguous).max()
    assert len(cartography_subset(winogrande, "easy", 1.0)) == 40_398
    assert cartography_subset(winogrande, "easy", 0.0).tolist() == [int(confidence.argmax())]
    with pytest.raises(errors.InputError, match="one of easy"):
        cartography_subset(winogrande, "hard-to-learn", 0.1)
    with pytest.raises(errors.InputError, match="from 0 to 1"):
        cartography_subset(winogrande, "hard", 33)


def cola(cases: Path, model: str, epochs: int) -> list[dict[str, str]]:
    name = f"{model}_cola_id_dev_std{epochs}.csv"
    with (cases / "kawine+dataset_difficulty" / "PVI" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_published_pvi_of_cola(cases: Path) -> None:
    rows = cola(cases, "bert-base-cased", 2)
    p = 2.0 ** -np.array([float(row["H_yx"]) for row in rows])
    null = 2.0 ** -np.array([float(row["H_yb"]) for row in rows])
    result = compute(dataset(epoch_probs=p[:, None], null_prob=null), "pvi")
    pvi = result.column("pvi")
    assert pvi == pytest.approx([float(row["PVI"]) for row in rows], abs=1e-9)
    hardest = np.argsort(pvi)[:3]
    assert [(round(pvi[i], 3), rows[i]["sentence1"]) for i in hardest] == [
        (-4.616, "Wash you!"),
        (-4.584, "Who achieved the best result was Angela."),
        (-3.649, "Sue gave to Bill a book."),
    ]
    information = result.summary["v_information"]
    assert information.value == pytest.approx(0.3390, abs=5e-5) and information.n == 527
    assert information.low is not None and information.high is not None
    assert information.low < 0.339 < information.high


def test_training_lengths_of_cola_as_runs(cases: Path) -> None:
    # separate trainings of 1, 2, 3, 5 and 10 epochs, not one run's dynamics; roberta lacks the 10
    models = ("bert-base-cased", "distilbert-base-uncased", "facebook-bart-base", "gpt2")
    lengths = (1, 2, 3, 5, 10)
    runs = {}
    for model in models:
        rows = [cola(cases, model, length) for length in lengths]
        p = np.array([[2.0 ** -float(row["H_yx"]) for row in one] for one in rows]).T
        right = np.array([[row["correct_yx"] == "True" for row in one] for one in rows]).T
        assert np.array_equal(p > 0.5, right)  # two labels: p > .5 is what the files call correct
        runs[f"epoch_probs__{model}"] = p
    labels = [row["label"] for row in rows[0]]
    result = compute(dataset(labels, **runs), "learning_order")
    epochs = {m: result.column(f"first_learned_epoch:{m}") for m in models}
    epochs = {m: np.where(np.isnan(v), 6, v) for m, v in epochs.items()}
    taus = [
        float(kendalltau(epochs[a], epochs[b])[0])
        for i, a in enumerate(models)
        for b in models[i + 1 :]
    ]
    assert result.tables["pairs"]["kendall_tau"].to_pylist() == pytest.approx(taus)
    mean = result.summary["mean_kendall_tau"]
    assert mean.value == pytest.approx(np.mean(taus))
    assert mean.low is not None and mean.high is not None and mean.low < np.mean(taus) < mean.high


@pytest.mark.parametrize("alone", [False, True])
def test_a_model_no_better_than_guessing_is_noted(alone: bool) -> None:
    labels = np.tile(["no", "yes"], 30)
    yes = np.where(labels == "yes", 0.9, 0.1)[:, None].repeat(2, 1)  # a model that is right
    if alone:  # p(gold), and by mistake the probability of "yes"
        good, bad = np.full((60, 2), 0.9), yes
    else:  # classes in the order of `classes`, and by mistake in another
        good, bad = np.stack([1 - yes, yes], 2), np.stack([yes, 1 - yes], 2)
    for values, noted in ((good, False), (bad, True)):
        ds = dsx.read({"label": labels}, epoch_probs=values, classes=["no", "yes"])
        notes = dsx.measure(ds, "data_map").wait().notes
        assert any("no more than guessing among 2 classes" in note for note in notes) == noted


def test_the_probability_of_a_fixed_class_is_noted() -> None:
    labels = np.array(["no"] * 40 + ["yes"] * 160)
    fixed = np.where(labels == "yes", 0.9, 0.1)[:, None].repeat(2, 1)
    for values, noted in ((fixed, True), (np.full((200, 2), 0.9), False)):
        notes = dsx.measure(
            dsx.read({"label": labels}, epoch_probs=values), "data_map"
        ).wait().notes  # fmt: skip
        assert any("labelled 'no' have p > .5" in note for note in notes) == noted
