"""Several systems under one protocol: the same papers, the same metrics, intervals, and what each one costs."""
