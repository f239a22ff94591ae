"""A kernel of a Jupyter server elsewhere, as the place where heavy measures run."""

from dsx.compute.remote.handle import RemoteKernel, connect_kernel

__all__ = ["RemoteKernel", "connect_kernel"]
