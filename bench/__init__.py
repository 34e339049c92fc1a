"""Load and scale measurements, each as a ratio to its limit in the same run."""
