"""Projects to try things on, made on the spot: what the demo, the page's first run and the tests work on."""
