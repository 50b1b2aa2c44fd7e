"""Measure speed and memory against the budgets; never part of the timed tests."""
