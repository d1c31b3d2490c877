"""The sections of targets, plans, the routing table and the ladders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.actor import ROLES
from desks.config import CLOCK_KINDS, NOTICES, PRIORITIES, REQUEST_TYPES, SUPPORT_METHODS
from desks.deskfile.reader import Node, unique
from desks.deskfile.rows import apply, reconcile
from desks.deskfile.sections import Saving, Section, declared
from desks.models import Desk, EscalationPolicy, EscalationStep, Plan, SLAPolicy, SLATarget, Whom

Targets = dict[tuple[str, str], tuple[int, bool]]

# --- targets


def _check_policies(root: Node) -> dict[str, dict[str, Any]]:
    nodes = root.items("sla_policies")
    slugs = [node.slug("slug") for node in nodes]
    unique(nodes, "slug", slugs)
    found = {}
    for node, slug in zip(nodes, slugs, strict=True):
        found[slug] = {
            "name": node.text("name", longest=120, required=True),
            "targets": _targets(node.child("targets", required=True)),
        }
        node.done()
    return found


def _targets(node: Node) -> Targets:
    """Return (priority, clock) -> (minutes, around the clock): a policy promises all twelve."""
    found: Targets = {}
    for priority in PRIORITIES:
        row = node.child(priority, required=True)
        for kind in CLOCK_KINDS if row.value else ():
            target = row.child(kind, required=True)
            minutes = target.number("minutes", least=1, most=1_000_000, required=bool(target.value))
            found[priority, kind] = (minutes or 1, target.flag("around_the_clock"))
            target.done()
        row.done()
    node.done()
    return found


def _save_policies(saving: Saving, policies: dict[str, dict[str, Any]]) -> None:
    desk = saving.of()
    rows = reconcile(
        desk.sla_policies.all(),
        lambda row: row.slug,
        {slug: {"name": policy["name"]} for slug, policy in policies.items()},
        lambda slug, values: SLAPolicy.objects.create(desk=desk, slug=slug, **values),
        saving,
        "sla_policy",
    )
    for slug, row in rows.items():
        _save_targets(saving, row, policies[slug]["targets"])


def _save_targets(saving: Saving, policy: SLAPolicy, wanted: Targets) -> None:
    if _targets_of(policy) == wanted:
        return
    policy.targets.all().delete()
    SLATarget.objects.bulk_create(
        SLATarget(policy=policy, priority=priority, kind=kind, minutes=minutes, around_the_clock=always)
        for (priority, kind), (minutes, always) in wanted.items()
    )
    saving.changed(f"sla_policy {policy.slug}: targets")


def _targets_of(policy: SLAPolicy) -> Targets:
    return {(row.priority, row.kind): (row.minutes, row.around_the_clock) for row in policy.targets.all()}


def _dump_policies(desk: Desk) -> Mapping[str, Any]:
    return {
        "sla_policies": [
            {"slug": row.slug, "name": row.name, "targets": _dump_targets(_targets_of(row))}
            for row in desk.sla_policies.filter(is_active=True).order_by("id")
        ]
    }


def _dump_targets(targets: Targets) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        priority: {
            kind: {"minutes": targets[priority, kind][0], "around_the_clock": targets[priority, kind][1]}
            for kind in CLOCK_KINDS
            if (priority, kind) in targets
        }
        for priority in PRIORITIES
    }


POLICIES: Final = Section("sla_policies", frozenset({"sla_policies"}), _check_policies, _save_policies, _dump_policies)

# --- plans


def _check_plans(root: Node) -> dict[str, dict[str, Any]]:
    nodes = root.items("plans")
    slugs = [node.slug("slug") for node in nodes]
    unique(nodes, "slug", slugs)
    policies = declared(root, "sla_policies", "slug")
    found = {}
    for node, slug in zip(nodes, slugs, strict=True):
        prices = node.child("extra_prices")
        found[slug] = {
            "name": node.text("name", longest=120, required=True),
            "sla_policy": node.choice("sla_policy", policies, required=False),
            "extra_prices": {method: prices.price(method) for method in SUPPORT_METHODS if prices.has(method)},
        }
        prices.done()
        node.done()
    return found


def _save_plans(saving: Saving, plans: dict[str, dict[str, Any]]) -> None:
    desk = saving.of()
    policies = {row.slug: row for row in desk.sla_policies.all()}
    reconcile(
        desk.plans.all(),
        lambda row: row.slug,
        {slug: {**plan, "sla_policy": policies.get(plan["sla_policy"])} for slug, plan in plans.items()},
        lambda slug, values: Plan.objects.create(desk=desk, slug=slug, **values),
        saving,
        "plan",
    )


def _dump_plans(desk: Desk) -> Mapping[str, Any]:
    rows = desk.plans.filter(is_active=True).select_related("sla_policy").order_by("id")
    return {
        "plans": [
            {
                "slug": row.slug,
                "name": row.name,
                "sla_policy": row.sla_policy.slug if row.sla_policy else None,
                "extra_prices": dict(row.extra_prices),
            }
            for row in rows
        ]
    }


PLANS: Final = Section("plans", frozenset({"plans"}), _check_plans, _save_plans, _dump_plans)

# --- the routing table


def _check_routing(root: Node) -> dict[str, list[str]]:
    table = root.child("routing")
    found = {}
    for request_type in REQUEST_TYPES:
        if table.has(request_type):
            row = table.child(request_type)
            found[request_type] = [row.choice(key, PRIORITIES) for key in ("not_affected", "affected")]
            row.done()
    table.done()
    return found


def _save_routing(saving: Saving, table: dict[str, list[str]]) -> None:
    apply(saving.of(), {"routing_table": table}, saving, "desk")


def _dump_routing(desk: Desk) -> Mapping[str, Any]:
    return {
        "routing": {
            request_type: {"not_affected": row[0], "affected": row[1]}
            for request_type, row in sorted(desk.routing_table.items(), key=lambda item: REQUEST_TYPES.index(item[0]))
        }
    }


ROUTING: Final = Section("routing", frozenset({"routing"}), _check_routing, _save_routing, _dump_routing)

# --- ladders

_STEP: Final = (
    "whom",
    "person",
    "role",
    "after_minutes",
    "at_percent",
    "takes",
    "repeat_minutes",
    "at_most",
    "notices",
)
_PATIENCE: Final = 60


def _check_ladders(root: Node) -> dict[str, dict[str, Any]]:
    node = root.child("escalation")
    people = [email.lower() for email in declared(root, "people", "email")]
    found = {}
    for kind in EscalationPolicy.Kind.values:
        if node.has(kind):
            ladder = node.child(kind)
            found[kind] = {
                "name": ladder.text("name", longest=120, required=True),
                "progress_minutes": ladder.number("progress_minutes", most=10_080, default=_PATIENCE),
                "steps": [_step(step, kind, people) for step in ladder.items("steps")],
            }
            ladder.done()
    node.done()
    return found


def _step(node: Node, kind: str, people: list[str]) -> dict[str, Any]:
    step = {
        "whom": node.choice("whom", Whom.values),
        "person": node.text("person").lower(),
        "role": node.choice("role", ROLES, required=False),
        "after_minutes": node.number("after_minutes", default=0),
        "at_percent": node.number("at_percent", least=1, most=500),
        "takes": node.flag("takes"),
        "repeat_minutes": node.number("repeat_minutes", least=1),
        "at_most": node.number("at_most", least=1, most=1000, default=1),
        "notices": _notices(node),
    }
    _check_step(node, kind, step, people)
    node.done()
    return step


def _notices(node: Node) -> list[str]:
    """How the step reaches its people: both ways where the file does not say, in one order."""
    named = node.strings("notices", known=NOTICES) if node.has("notices") else list(NOTICES)
    return [way for way in NOTICES if way in named] or list(NOTICES)


def _check_step(node: Node, kind: str, step: dict[str, Any], people: list[str]) -> None:
    if (step["whom"] == Whom.USER) != bool(step["person"]):
        node.refuse("person", "person", _("Name a person exactly where the step says user."))
    elif step["person"] and step["person"] not in people:
        node.refuse("person", "unknown", _("This person is not in the file."))
    if (step["whom"] == Whom.ROLE) != bool(step["role"]):
        node.refuse("role", "role", _("Name a role exactly where the step says role."))
    if (kind == EscalationPolicy.Kind.OFFICE) != (step["at_percent"] is not None):
        node.refuse(
            "at_percent", "at_percent", _("The office ladder counts in percent of a target, the other does not.")
        )
    if step["at_most"] > 1 and step["repeat_minutes"] is None:
        node.refuse("repeat_minutes", "required", _("What is repeated needs the minutes between."))


def _save_ladders(saving: Saving, ladders: dict[str, dict[str, Any]]) -> None:
    """Ladders are read whole, and a climb in progress keeps its own rungs: one that changed is written anew."""
    desk = saving.of()
    for kind in EscalationPolicy.Kind.values:
        wanted = ladders.get(kind, {"name": "", "progress_minutes": _PATIENCE, "steps": []})
        policy = desk.escalation_policies.filter(kind=kind).first()
        if policy is None:
            if kind not in ladders:
                continue
            values = {name: wanted[name] for name in ("name", "progress_minutes")}
            policy = EscalationPolicy.objects.create(desk=desk, kind=kind, **values)
            saving.changed(f"escalation {kind}: +")
        elif kind in ladders:
            values = {name: wanted[name] for name in ("name", "progress_minutes")}
            apply(policy, values, saving, f"escalation {kind}")
        if _steps_of(policy) != wanted["steps"]:
            _write_steps(policy, wanted["steps"], saving)
            saving.changed(f"escalation {kind}: steps")


def _write_steps(policy: EscalationPolicy, steps: list[dict[str, Any]], saving: Saving) -> None:
    policy.steps.all().delete()
    for position, step in enumerate(steps, start=1):
        values = {name: value for name, value in step.items() if name != "person"}
        user = saving.users[step["person"]] if step["person"] else None
        EscalationStep.objects.create(policy=policy, position=position, user=user, **values)


def _steps_of(policy: EscalationPolicy) -> list[dict[str, Any]]:
    rows = policy.steps.select_related("user").order_by("position")
    return [{"person": row.user.email if row.user else "", **_plain_step(row)} for row in rows]


def _plain_step(row: EscalationStep) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _STEP if name not in ("person", "whom")} | {"whom": str(row.whom)}


def _dump_ladders(desk: Desk) -> Mapping[str, Any]:
    return {
        "escalation": {
            str(policy.kind): {
                "name": policy.name,
                "progress_minutes": policy.progress_minutes,
                "steps": [_dump_step(step) for step in _steps_of(policy)],
            }
            for policy in desk.escalation_policies.order_by("-kind")
            if policy.steps.exists()
        }
    }


def _dump_step(step: dict[str, Any]) -> dict[str, Any]:
    """Return the step with only what differs from the default."""
    silent = {
        "person": "",
        "role": "",
        "after_minutes": 0,
        "at_percent": None,
        "takes": False,
        "repeat_minutes": None,
        "at_most": 1,
        "notices": list(NOTICES),
    }
    return {name: step[name] for name in _STEP if name not in silent or step[name] != silent[name]}


LADDERS: Final = Section("escalation", frozenset({"escalation"}), _check_ladders, _save_ladders, _dump_ladders)
