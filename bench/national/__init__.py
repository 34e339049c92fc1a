"""A database at national size, drawn by a seed: what the program would write, written at once.

Services and versions are recorded by the program itself. Reuses, steps and usage are rows made by
statements in `*.sql`, events with their facts and leaves included, so that the log can be exported
and replayed; projections are then made by the program from these rows.
"""

from bench.national.fill import Size, fill

__all__ = ["Size", "fill"]
