"""Training dynamics collected from any training loop."""

from dsx.recording.recorder import Recorder

__all__ = ["Recorder"]
