"""The JSON face, one file a noun. Versioned by its prefix; described at /v1/openapi.json."""

from maquette.web.api import (
    backups,
    budgets,
    compactions,
    costs,
    doctor,
    exports,
    feed,
    line,
    mentions,
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
    threads,
    compactions,
    line,
    waits,
    reviews,
    projects,
    samples,
    feed,
    search,
    mentions,
    costs,
    budgets,
    models,
    skills,
    sessions,
    doctor,
    backups,
    exports,
)
ROUTERS = tuple(noun.router for noun in NOUNS)
