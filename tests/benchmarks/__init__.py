"""How fast, how bounded: `python -m tests.benchmarks` prints the gates. Not part of the test run."""
