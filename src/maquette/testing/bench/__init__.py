"""`make bench`: the figures that are aimed at, measured: ours, and beside them those of peers that are installed here.

What is compared is measured in one run and in turn, on one scripted model server: no model is in the loop, so what
differs is the harness.
"""
