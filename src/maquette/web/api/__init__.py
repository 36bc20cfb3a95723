"""The JSON face, one file a noun. Versioned by its prefix; described at /v1/openapi.json."""

from maquette.web.api import (
    backups,
    costs,
    doctor,
    exports,
    feed,
    models,
    projects,
    reviews,
    samples,
    search,
    sessions,
    skills,
    threads,
    waits,
)

NOUNS = (
    threads, waits, reviews, projects, samples, feed, search, costs, models, skills, sessions, doctor, backups, exports,
)  # fmt: skip
ROUTERS = tuple(noun.router for noun in NOUNS)
