//! Infers the types of nodes from their titles: other cases, plurals, values behind the name, the id as title.

use super::node_names::NodeNames;
use super::operations::OperationNames;
use super::plan::{Change, Plan};
use super::value_targets::recognizes;
use crate::catalogue::NodeType;
use crate::diagnostic::quote;
use crate::draft::{Draft, DrawnValue, Operation, Title, parse_values, split_title};
use crate::model::Value;
use crate::wiring::Wiring;

/// Most titles for which suggestions are searched. Each search compares all names.
const MAX_SEARCHES: usize = 50;

/// The meaning of a title.
enum Meaning<'c> {
    Type(&'c NodeType, Vec<DrawnValue>),
    Operation(Vec<Operation>, Vec<DrawnValue>),
    Several(Vec<String>),
    Unknown,
}

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    let open = wiring.nodes().zip(&draft.titles).enumerate();
    let open = open.filter(|(_, ((_, resolved), _))| resolved.node_type.is_none());
    let open: Vec<_> = open.collect();
    if open.is_empty() {
        return plan;
    }
    let names = NodeNames::new(wiring.catalogue);
    let operations = OperationNames::new(wiring.catalogue);
    let mut searches = 0;
    for (index, ((node, _), title)) in open {
        let text = quote(title.text.trim());
        let choices = match meaning_of(title, &names, &operations) {
            Meaning::Type(node_type, values) => {
                let identifier = node_type.identifier.clone();
                let source = if title.is_id { "the id " } else { "" };
                let done = format!("{source}{text} is {identifier}");
                plan.step(
                    node.location(),
                    done,
                    Change::Type(index, identifier, values),
                );
                continue;
            }
            Meaning::Operation(operations, values) => {
                let change = Change::Operation(index, operations, values);
                plan.step(node.location(), "", change);
                continue;
            }
            Meaning::Several(choices) => choices,
            Meaning::Unknown if searches < MAX_SEARCHES => {
                searches += 1;
                names.suggest(&title.text)
            }
            Meaning::Unknown => Vec::new(),
        };
        if !choices.is_empty() {
            plan.ask(
                node.location(),
                format!("{text} is no type; which is meant?"),
                choices,
            );
        }
    }
    plan
}

/// Returns the meaning of a title: the longest name in it that is known.
fn meaning_of<'c>(
    title: &Title,
    names: &NodeNames<'c>,
    operations: &OperationNames,
) -> Meaning<'c> {
    for (name, rest) in split_title(&title.text) {
        let name = match title.is_id {
            // Ids end with numbers where a sketch has several nodes of a type.
            true => name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '_' | '.')),
            false => name,
        };
        let values = parse_values(rest);
        let types = names.find(name);
        if let [node_type] = types.as_slice()
            && (ends_name(rest) || recognizes(node_type, &values))
        {
            return Meaning::Type(node_type, values);
        }
        if let ([node_type], [value]) = (types.as_slice(), values.as_slice())
            && value.key.is_none()
            && name.ends_with(char::is_alphanumeric)
            && let Some(meaning) = numbered(node_type, value, &title.text)
        {
            return meaning;
        }
        if types.len() > 1 && ends_name(rest) {
            let mut choices: Vec<String> = types.iter().map(|it| it.identifier.clone()).collect();
            choices.sort();
            return Meaning::Several(choices);
        }
        let is_number = values
            .iter()
            .all(|it| it.key.is_none() && it.value.number().is_some());
        let found = operations.find(name);
        if !found.is_empty() && (ends_name(rest) || is_number) {
            return Meaning::Operation(found, values);
        }
    }
    Meaning::Unknown
}

/// Returns the meaning of a name with a number behind it. `Cube 2` is the second cube, `Merge by Distance 0.01` has a
/// value, and `Value 2` can be either.
fn numbered<'c>(node_type: &'c NodeType, value: &DrawnValue, title: &str) -> Option<Meaning<'c>> {
    let is_constant = node_type.category.ends_with("Constant");
    let values = match (&value.value, is_constant) {
        (Value::Float(_), _) => vec![value.clone()],
        (Value::Int(number), true) => {
            let label = &node_type.label;
            let choices = [format!("{label}: {number}"), format!("{label} (a name)")];
            return Some(Meaning::Several(choices.to_vec()));
        }
        (Value::Int(_), false) => vec![DrawnValue {
            key: None,
            value: Value::Text(title.to_owned()),
        }],
        _ => return None,
    };
    Some(Meaning::Type(node_type, values))
}

/// Returns whether the name is surely over before the rest of a title.
fn ends_name(rest: &str) -> bool {
    let rest = rest.trim_start_matches(' ');
    rest.is_empty() || rest.starts_with(['(', '[', ':', '=', '\n'])
}
