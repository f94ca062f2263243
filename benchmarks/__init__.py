"""What is measured, never asserted: ratios to a reference in the same run, on data of real size."""
