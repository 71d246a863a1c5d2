"""The smallest graph that still makes a difference: parts are taken away for as long as it does."""

import re

ROUNDS = 50


def smaller(graph):
    """The graph without one of its nodes, links, settings or items of the interface."""
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


def rules(verdict):
    """What we say is wrong: a smaller graph must not be wrong for another reason."""
    return set() if verdict["ok"] else {one["rule"] for one in verdict["why"]}


def reason(verdict):
    """What Blender says is wrong, without the numbers that it gives to names."""
    return re.sub(r"[\d.]+", "", verdict.get("why", "")), verdict.get("errors")


def smallest(case, verdicts):
    """`verdicts(cases)` gives ours and Blender's on each; both must differ in the same way to the end."""
    (our,), (their,) = verdicts([case])
    for _ in range(ROUNDS):
        cases = [case | {"graph": graph} for graph in smaller(case["graph"])]
        found = zip(cases, *verdicts(cases), strict=True)
        same = (
            one
            for one, ours, theirs in found
            if (ours["ok"], theirs["ok"], reason(theirs)) == (our["ok"], their["ok"], reason(their))
            and rules(ours) <= rules(our)
        )
        case, before = next(same, case), case
        if case is before:
            break
    return case
