//! Operands: inputs of a node that have the same type, and among which the operation tells no difference.

use super::operations::{MATH, OPERATION, VECTOR_MATH};
use crate::draft::Draft;
use crate::wiring::{Port, Wiring};

const BOOLEAN_MATH: &str = "FunctionNodeBooleanMath";
const INTEGER_MATH: &str = "FunctionNodeIntegerMath";
const COMPARE: &str = "FunctionNodeCompare";

/// Types whose inputs are operands.
const TYPES: &[&str] = &[MATH, VECTOR_MATH, BOOLEAN_MATH, INTEGER_MATH, COMPARE];

/// Operations whose result does not depend on the order of two operands.
const COMMUTATIVE: &[&str] = &[
    "ADD",
    "MULTIPLY",
    "MINIMUM",
    "MAXIMUM",
    "DOT_PRODUCT",
    "DISTANCE",
    "AND",
    "OR",
    "NAND",
    "NOR",
    "XNOR",
    "XOR",
    "EQUAL",
    "NOT_EQUAL",
    "GREATEST_COMMON_DIVISOR",
    "LEAST_COMMON_MULTIPLE",
];

/// Returns the operand for a link among candidates, and the reason. It is the first one if the order makes no
/// difference, or if the link is the only one and the title gives the other operand.
pub(super) fn operand_for_link(
    node: usize,
    candidates: &[usize],
    draft: &Draft,
    wiring: &Wiring,
) -> Option<(usize, &'static str)> {
    let first = *candidates.first()?;
    if !has_operands(node, candidates, wiring) {
        return None;
    }
    if is_commutative(node, wiring) {
        return Some((first, "the order of the operands makes no difference"));
    }
    let id = &wiring.graph.nodes.get(node)?.id;
    let links = wiring
        .graph
        .links
        .iter()
        .filter(|link| link.to.node == *id)
        .count();
    let values = &draft.titles.get(node)?.values;
    let has_number = values.iter().any(|it| it.value.number().is_some());
    (links == 1 && has_number).then_some((first, "the title gives the second operand"))
}

/// Returns the operand for a value in the title: the second one, if only the first one is linked.
pub(super) fn operand_for_value(node: usize, wiring: &Wiring) -> Option<usize> {
    let resolved = wiring.resolved.get(node)?;
    let is_linked = |socket: usize| {
        let port = Port { node, socket };
        wiring.wires.iter().any(|wire| wire.to == Some(port))
    };
    let name = |socket: usize| resolved.inputs.get(socket).map(|it| &it.name);
    let is_third = name(2).is_some() && name(2) == name(1);
    let is_second = is_linked(0) && !is_linked(1) && !is_third;
    (is_second && has_operands(node, &[0, 1], wiring)).then_some(1)
}

fn has_operands(node: usize, candidates: &[usize], wiring: &Wiring) -> bool {
    let Some(resolved) = wiring.resolved.get(node) else {
        return false;
    };
    if candidates.iter().any(|it| *it >= resolved.inputs.len()) {
        return false;
    }
    let mut types = candidates
        .iter()
        .filter_map(|it| resolved.inputs.get(*it))
        .map(|it| &it.idname);
    let first = types.next();
    TYPES.iter().any(|idname| resolved.has_type(idname)) && types.all(|it| Some(it) == first)
}

fn is_commutative(node: usize, wiring: &Wiring) -> bool {
    let operation = wiring
        .resolved
        .get(node)
        .and_then(|it| it.property(OPERATION));
    operation.is_some_and(|value| COMMUTATIVE.contains(&value.token().as_str()))
}
