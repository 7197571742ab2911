"""Which versions of two packages go together, and which range a requirement should be. Every cell is checked, or shown
to be the same as one that is.

`values`: cells, rows, ranges. `choose`: which versions. `compute`: the cells. `ranges`: what to write. `render`: text,
HTML, PNG, CSV.
"""
