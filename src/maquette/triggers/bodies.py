"""Which of GitHub's events a body tells of. Only the body is signed; its event is named beside it, where anybody who
captured it can write something else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import orjson

from maquette.domain.errors import Refused

_TELLS = """\
ping: zen hook_id
meta: hook hook_id
repository_dispatch: client_payload branch
workflow_dispatch: inputs workflow ref
cache_sync: cache_location
push: commits before after ref
create: ref_type master_branch
delete: ref_type pusher_type
deployment_protection_rule: deployment_callback_url environment
deployment_review: reviewers environment
deployment_status: deployment_status
workflow_job: workflow_job
check_run: check_run
check_suite: check_suite
deployment: deployment
workflow_run: workflow_run workflow
pull_request_review_thread: pull_request thread
pull_request_review_comment: pull_request comment
pull_request_review: pull_request review
pull_request: pull_request number
issue_comment: issue comment
sub_issues: sub_issue parent_issue
issues: issue
discussion_comment: discussion comment
discussion: discussion
commit_comment: comment
secret_scanning_alert_location: alert location
secret_scanning_alert: alert.secret_type
code_scanning_alert: alert commit_oid
dependabot_alert: alert.dependency
repository_vulnerability_alert: alert
security_advisory: security_advisory
content_reference: content_reference
branch_protection_rule: rule
release: release
package: package
registry_package: registry_package
gollum: pages
page_build: build id
fork: forkee
deploy_key: key
projects_v2_item: projects_v2_item
project_card: project_card
project_column: project_column
project: project
marketplace_purchase: marketplace_purchase
sponsorship: sponsorship
merge_group: merge_group
org_block: blocked_user
membership: member team scope
member: member
team: team action
team_add: team
label: label
milestone: milestone
installation_target: installation target_type
installation_repositories: repositories_added repositories_removed
organization: membership
organization: invitation
installation: installation.app_id
status: sha state context
repository_import: status repository
star: starred_at
watch: action=started repository !
security_and_analysis: -action repository changes !
public: -action repository !
repository: action repository !
organization: action organization changes !
user: user action !
github_app_authorization: action=revoked sender !
enterprise: action sender !
"""
"""What tells each event from those below it: keys that its body has, also within (`alert.dependency`), has not (`-`),
has with this value (`=`), or has alone beside what nearly all have (`!`).
"""
_EVENTS = [(event, keys.split()) for event, _, keys in (row.partition(": ") for row in _TELLS.splitlines())]
_USUAL = {"action", "repository", "organization", "sender", "installation", "enterprise", "changes"}
KNOWN = frozenset(event for event, _ in _EVENTS)


def event(body: bytes, named: str) -> str:
    """What a body tells of, where somebody named it so ("": nobody did). "": that isn't known.

    Refused `odd-event`: the body tells of something else.
    """
    told = _read(body)
    found = next((event for event, keys in _EVENTS if all(_has(told, key, keys) for key in keys)), "")
    if named in ("", found):
        return found
    if named not in KNOWN and (not found or named in told):  # one that came up after this was written
        return named
    raise Refused(f"This was sent as {named}, and its body isn’t of that.", code="odd-event")


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        why = "This isn’t JSON: choose the content type application/json where the webhook is set up."
        raise Refused(why, code="odd-event") from error
    return cast("dict[str, Any]", told) if isinstance(told, dict) else {}


def _has(told: Mapping[str, Any], key: str, keys: Sequence[str]) -> bool:
    if key == "!":
        return told.keys() <= _USUAL.union(keys)
    if key.startswith("-"):
        return key[1:] not in told
    name, _, value = key.partition("=")
    name, _, inner = name.partition(".")
    if inner:
        return isinstance(within := told.get(name), dict) and inner in within
    return told.get(name) == value if value else name in told
