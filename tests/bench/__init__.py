"""Measures: how long the import, the night and the pages take, as a ratio to a floor in the same run.

    python -m tests.bench --pupils 40000 --only import,scan,page

Prints one JSON line per measure: name, value, unit, floor, ratio, most (the ratio that we promise), rows.
The data folder is kept for the same pupils, seed and schema.
"""
