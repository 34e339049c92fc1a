"""What changed from one version to another: what each consists of, and the verdict on both."""
