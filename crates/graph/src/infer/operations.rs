//! Infers the types of nodes that are named by an operation, as `Multiply` or `Vector Add`: from the types of the values
//! that are linked to them.

use std::collections::HashMap;

use super::linked_types::{input_types_of_links, source_types};
use super::plan::{Change, Plan};
use super::words::words;
use crate::catalogue::Catalogue;
use crate::draft::{Draft, Operation};
use crate::model::Value;
use crate::wiring::Wiring;

pub(super) const MATH: &str = "ShaderNodeMath";
pub(super) const VECTOR_MATH: &str = "ShaderNodeVectorMath";
const COMPARE: &str = "FunctionNodeCompare";
const BOOLEAN_MATH: &str = "FunctionNodeBooleanMath";
/// The property that holds the operation.
pub(super) const OPERATION: &str = "operation";

/// Types that people name by their operation.
const NAMED_BY_OPERATION: &[&str] = &[MATH, VECTOR_MATH, COMPARE, BOOLEAN_MATH];

/// Words for operations that Blender names otherwise.
const SYNONYMS: &[(&str, &str)] = &[
    ("plus", "ADD"),
    ("sum", "ADD"),
    ("minus", "SUBTRACT"),
    ("times", "MULTIPLY"),
    ("product", "MULTIPLY"),
    ("sin", "SINE"),
    ("cos", "COSINE"),
    ("tan", "TANGENT"),
    ("abs", "ABSOLUTE"),
    ("min", "MINIMUM"),
    ("max", "MAXIMUM"),
    ("mod", "MODULO"),
    ("pow", "POWER"),
    ("cross", "CROSS_PRODUCT"),
    ("dot", "DOT_PRODUCT"),
];

const VECTOR: &str = "vector";
/// Words after an operation that belong to its sentence: multiply by 2.
const PREPOSITIONS: &[&str] = &["by", "with", "of"];

/// The operations of a catalogue by name.
pub(super) struct OperationNames(HashMap<String, Vec<Operation>>);

impl OperationNames {
    pub(super) fn new(catalogue: &Catalogue) -> Self {
        let mut names: HashMap<String, Vec<Operation>> = HashMap::new();
        for idname in NAMED_BY_OPERATION {
            let properties = catalogue.get(idname).map(|it| it.properties.iter());
            let mut properties = properties.into_iter().flatten();
            let property = properties.find(|it| it.identifier == OPERATION);
            for item in property.into_iter().flat_map(|it| &it.items) {
                let operation = Operation {
                    idname,
                    item: item.clone(),
                };
                names
                    .entry(words(item).concat())
                    .or_default()
                    .push(operation);
            }
        }
        Self(names)
    }

    /// Returns the operations that a name means. With `vector` before or behind it, only those of vectors.
    pub(super) fn find(&self, name: &str) -> Vec<Operation> {
        let mut wanted = words(name);
        let count = wanted.len();
        wanted.retain(|word| word != VECTOR);
        let is_vector = wanted.len() < count;
        let ends_with_preposition = |last: &String| PREPOSITIONS.contains(&last.as_str());
        if wanted.last().is_some_and(ends_with_preposition) {
            wanted.pop();
        }
        let key = wanted.concat();
        let synonym = SYNONYMS.iter().find(|(word, _)| *word == key);
        let key = synonym.map_or(key, |(_, item)| words(item).concat());
        let mut found = self.0.get(&key).cloned().unwrap_or_default();
        found.retain(|it| !is_vector || it.idname == VECTOR_MATH);
        found
    }
}

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    let nodes = wiring.graph.nodes.iter().zip(&draft.titles).enumerate();
    for (index, (node, title)) in nodes.filter(|(_, (_, title))| !title.operations.is_empty()) {
        let found = choose(&title.operations, index, draft, wiring);
        let Some((operation, reason)) = found else {
            let choices = title
                .operations
                .iter()
                .map(|it| format!("{} {}", it.idname, it.item));
            let message = format!(
                "the links do not tell which operation {} is",
                title.text.trim()
            );
            plan.ask(node.location(), message, choices.collect());
            continue;
        };
        let Operation { idname, item } = operation;
        let done = format!(
            "{:?} is {idname} with the operation {item}: {reason}",
            title.text.trim()
        );
        let change = Change::Type(index, idname.to_string(), Vec::new());
        plan.step(node.location(), done, change);
        let change = Change::Setting(index, OPERATION.to_owned(), Value::Text(item.clone()));
        plan.step(node.location(), "", change);
    }
    plan
}

/// Chooses the only operation, else by the types of the linked values.
fn choose<'a>(
    operations: &'a [Operation],
    node: usize,
    draft: &Draft,
    wiring: &Wiring,
) -> Option<(&'a Operation, &'static str)> {
    if let [only] = operations {
        return Some((only, "no other node has this operation"));
    }
    let of = |idname: &str| operations.iter().find(|it| it.idname == idname);
    let sources = source_types(node, draft, wiring)?;
    let is_number = |idname: &String| NUMBERS.contains(&&**idname);
    if sources.iter().any(|idname| VECTORS.contains(&&**idname)) {
        return Some((of(VECTOR_MATH)?, "a vector is linked to it"));
    }
    if sources.is_empty() || !sources.iter().all(is_number) {
        return None;
    }
    let number = of(MATH).filter(|_| of(COMPARE).is_none());
    if let Some(operation) = number {
        return Some((operation, "only numbers are linked to it"));
    }
    // Math gives 0 or 1, Compare a truth value: the same only where a truth value is wanted.
    let targets = input_types_of_links(node, draft, wiring)?;
    let is_truth = !targets.is_empty() && targets.iter().all(|idname| idname == "NodeSocketBool");
    Some((
        of(COMPARE).filter(|_| is_truth)?,
        "it is linked to truth values",
    ))
}

const NUMBERS: &[&str] = &["NodeSocketBool", "NodeSocketInt", "NodeSocketFloat"];
const VECTORS: &[&str] = &["NodeSocketVector", "NodeSocketRotation", "NodeSocketColor"];
