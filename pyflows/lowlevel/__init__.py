"""The low-level layer: TFP's bijectors and distributions as functions with stable names, checked and converted once.

`pyflows.tfb` and `pyflows.tfd` are its faces. Each function is declared once, with the kind of each of its arguments
(`kinds.py`); Python's help, R's functions and help, and the table of compatibility are made from that (`table.py`).
"""
