"""The JSON face, one file a noun. Versioned by its prefix; described at /v1/openapi.json."""

from maquette.web.api import costs, doctor, feed, models, projects, reviews, search, skills, threads, waits

ROUTERS = tuple(
    noun.router for noun in (threads, waits, reviews, projects, feed, search, costs, models, skills, doctor)
)
