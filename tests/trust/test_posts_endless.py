"""Posts that are written so that reading them takes for ever."""

from __future__ import annotations

import time

from maquette.connectors import plain


def test_s30_a_tag_without_an_end_takes_no_longer_than_its_length() -> None:
    began = time.process_time()
    assert plain.of_html("Hello <" + "a" * 100_000).startswith("Hello <aaa")
    assert time.process_time() - began < 1
