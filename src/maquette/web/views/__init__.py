"""Pages: one a file. Each is drawn whole once; what changes afterwards comes by its stream, drawn by the same hands."""

from maquette.web.views import costs, inbox, models, projects, searching, start, threads

NOUNS = (start, threads, inbox, searching, projects, costs, models)
ROUTERS = tuple(noun.router for noun in NOUNS)
