"""How the worker's process is made: its command, its environment, its sockets."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.launcher import launch_kernel
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from dsx.compute.worker.session import Session

# the folder of dsx is put where modules are looked for only when it is not there anyhow
BOOT = """import sys
sys.path.remove("") if "" in sys.path else None
sys.path[:0] = [sys.argv[1]] if sys.argv[1] not in sys.path else []
from dsx.compute.worker.kernel import main
main(sys.argv[2:])
"""
# what would make another Python of it than the user's own, or write into the log; a secret
_LEFT = (
    "DSX_KERNEL_TOKEN",
    "PYTHONSTARTUP",
    "PYTHONINSPECT",
    "PYTHONBREAKPOINT",
    "PYTHONDEVMODE",
    "PYTHONWARNINGS",
)


def argv() -> list[str]:
    """The command of the kernel: this interpreter, and nothing from its working folder."""
    home = str(Path(__file__).resolve().parents[3])
    return [sys.executable, "-c", BOOT, home, "-f", "{connection_file}"]


class _Provisioner(LocalProvisioner):
    """As jupyter_client's, which asks for the working folder: that may be gone."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        self.process: Any = launch_kernel(cmd, **self._scrub_kwargs(kwargs))
        self.pid, self.cwd = self.process.pid, kwargs["cwd"]
        self.pgid = os.getpgid(self.pid) if hasattr(os, "getpgid") else None
        return self.connection_info


async def launched(session: Session, number: int) -> AsyncKernelManager:
    """A manager whose kernel's process has been started, its log open.

    Over sockets in the session's folder on POSIX, over TCP where there are none.
    """
    spec = KernelSpec(argv=argv(), display_name="dsx", language="python")
    manager = AsyncKernelManager(kernel_name="dsx", shutdown_wait_time=0.5)
    manager._kernel_spec = spec
    manager.connection_file = str(session.file(f"kernel-{number}.json"))
    # without a limit nothing is dropped while a cell holds this process's interpreter
    manager.context.setsockopt(zmq.RCVHWM, 0)
    prefix = session.socket_prefix() if os.name == "posix" else None
    if prefix is not None:
        manager.transport, manager.ip = "ipc", prefix
    manager.provisioner = _Provisioner(kernel_id=f"dsx-{number}", kernel_spec=spec, parent=manager)
    with log_file(session, number).open("wb") as out:
        await manager.start_kernel(
            kernel_id=f"dsx-{number}", cwd=str(session.folder), env=_environment(session),
            stdout=out, stderr=out,
        )  # fmt: skip
    return manager


def log_file(session: Session, number: int) -> Path:
    """Where the kernel of a number writes what it has to say."""
    return session.file(f"worker-{number}.log")


def module_path() -> list[str]:
    """Where this process finds modules, so that the worker finds the same."""
    here = ""
    with contextlib.suppress(OSError):  # the folder may be gone
        here = str(Path.cwd())
    return [entry or here for entry in sys.path if entry or here]


def _environment(session: Session) -> dict[str, str]:
    """This process's, less what is not for the worker; no profile of IPython's runs there."""
    kept = {key: value for key, value in os.environ.items() if key not in _LEFT}
    temporary = session.file("tmp")  # what an ended worker leaves goes with the session
    temporary.mkdir(exist_ok=True)
    return kept | {
        "IPYTHONDIR": str(session.file("ipython")),
        "PYTHONUTF8": "1",
        "TMPDIR": str(temporary),
    }
