"""Distributions that TFP lacks, and those of its own that are wrong in TFP 0.25, put right; usable on their own."""
