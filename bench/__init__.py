"""Speed, as ratios in one run; the tests assert no times."""
