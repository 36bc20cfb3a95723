"""A keeper stays in each box and starts its commands there, so that one costs a millisecond or two.

`inside` is the program that runs within; `box` and `command` are our side of it. Sandboxes differ
in how they launch the keeper, and share the rest.
"""
