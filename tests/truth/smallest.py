"""Reduces a graph on which two verdicts differ: removes parts while they still differ in the same way."""

import re

MAX_ROUNDS = 50


def smaller_graphs(graph):
    """Yields the graph without one of its nodes, links, settings or sockets of the interface."""
    for spec in graph["nodes"]:
        kept = [one for one in graph["nodes"] if one["id"] not in (spec["id"], spec.get("pair"))]
        names = {one["id"] for one in kept}
        links = [one for one in graph["links"] if {one["from"], one["to"]} <= names]
        settings = {name: values for name, values in graph["node_settings"].items() if name in names}
        yield graph | {"nodes": kept, "links": links, "node_settings": settings}
    for part in ("links", "inputs", "outputs"):
        for at in range(len(graph[part])):
            yield graph | {part: graph[part][:at] + graph[part][at + 1 :]}
    for name in graph["node_settings"]:
        yield graph | {"node_settings": {key: one for key, one in graph["node_settings"].items() if key != name}}


def broken_rules(verdict):
    """Returns the rules that our verdict names. A smaller graph must not break other rules."""
    return set() if verdict["ok"] else {one["rule"] for one in verdict["why"]}


def reason(verdict):
    """Returns Blender's reason, without the numbers in names."""
    return re.sub(r"[\d.]+", "", verdict.get("why", "")), verdict.get("errors")


def reduce_case(case, verdicts):
    """Returns the smallest case found. `verdicts(cases)` returns our verdicts and those of Blender."""
    (our,), (their,) = verdicts([case])
    for _ in range(MAX_ROUNDS):
        cases = [case | {"graph": graph} for graph in smaller_graphs(case["graph"])]
        found = zip(cases, *verdicts(cases), strict=True)
        same = (
            one
            for one, ours, theirs in found
            if (ours["ok"], theirs["ok"], reason(theirs)) == (our["ok"], their["ok"], reason(their))
            and broken_rules(ours) <= broken_rules(our)
        )
        case, before = next(same, case), case
        if case is before:
            break
    return case
