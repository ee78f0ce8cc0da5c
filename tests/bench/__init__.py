"""Measures speed as ratios to floors taken in the same run. Run by `scripts/bench`; no part of the test run."""
