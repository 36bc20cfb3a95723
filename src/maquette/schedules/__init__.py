"""Schedules: when something is due, by the clocks of a place. Pure: no clock is looked at, nothing is kept."""

from maquette.schedules.reading import read
from maquette.schedules.schedule import Schedule

__all__ = ["Schedule", "read"]
