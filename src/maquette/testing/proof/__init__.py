"""The proof that killing a base anywhere loses nothing: `make prove`.

A base is killed (SIGKILL) at every boundary between intent, effect and result that there is, then at random under load.
After each, another is started on the same state, and what must hold is checked on the host.
"""
