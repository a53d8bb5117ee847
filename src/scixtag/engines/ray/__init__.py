"""A Ray cluster: one on this machine, made for the job, or one that is there already."""

from scixtag.engines.ray.engine import Engine

__all__ = ["Engine"]
