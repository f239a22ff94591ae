"""A Keras callback without Keras: it has the methods that ``fit`` calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dsx.sources import checks

if TYPE_CHECKING:
    from dsx.recording.recorder import Recorder


class RecordEpoch:
    """Scores `x` at the end of every epoch and gives the result to a Recorder.

    Made by `Recorder.keras`. Every method of a Keras callback is there (Keras 2 and 3 call them
    all), so that neither has to be imported.
    """

    def __init__(
        self, recorder: Recorder, x: Any, ids: Any, *, logits: bool, predict: dict[str, Any]
    ) -> None:
        self.model: Any = None
        self.params: dict[str, Any] = {}
        self._recorder, self._x, self._ids = recorder, x, ids
        self._logits, self._predict = logits, {"verbose": 0, **predict}

    def set_model(self, model: Any) -> None:
        """Called by Keras before training."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called by Keras before training."""
        self.params = params

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Score all rows and record them."""
        values = checks.as_array(self.model.predict(self._x, **self._predict), "predictions")
        if values.ndim == 2 and values.shape[1] == 1:
            # one sigmoid unit: the second class; the first is the rest
            first = np.zeros_like(values) if self._logits else 1 - values
            values = np.concatenate([first, values], axis=1)
        kind = "logits" if self._logits else "probs"
        self._recorder.epoch(epoch, ids=self._ids, **{kind: values})

    def _implements_train_batch_hooks(self) -> bool:
        return False

    _implements_test_batch_hooks = _implements_train_batch_hooks
    _implements_predict_batch_hooks = _implements_train_batch_hooks


def _nothing(self: RecordEpoch, *args: Any, **named: Any) -> None:
    """A hook that this callback has no use for."""


# Keras 3 runs batch hooks on another thread unless some callback overrides them: this says that
# ours do not.
_nothing._is_default = True  # type: ignore[attr-defined]
for _phase in ("train", "test", "predict"):
    for _hook in ("begin", "end", "batch_begin", "batch_end"):
        setattr(RecordEpoch, f"on_{_phase}_{_hook}", _nothing)
for _hook in ("batch_begin", "batch_end", "epoch_begin"):
    setattr(RecordEpoch, f"on_{_hook}", _nothing)
