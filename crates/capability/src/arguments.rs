//! Checks the arguments of a call against a tool. All mistakes are told at once.

use serde_json::{Map, Value};

use crate::finding::{Finding, Findings, Rule};
use crate::manifest::Tool;
use crate::text::quote;

const MAX_KEY_SHOWN: usize = 60;

/// Checks the arguments of a call, and returns them in the form that a handler gets: with the defaults of missing ones.
///
/// `roots` are the folders in which absolute paths are allowed.
///
/// # Errors
///
/// Returns all mistakes: unknown parameters in alphabetical order, then those of each parameter in the tool's order.
pub fn check(
    tool: &Tool,
    params: &Map<String, Value>,
    roots: &[String],
) -> Result<Map<String, Value>, Findings> {
    let mut errors = Findings::default();
    let mut unknown: Vec<&String> = params
        .keys()
        .filter(|key| tool.parameter(key).is_none())
        .collect();
    unknown.sort();
    for key in unknown {
        let message = "the tool has no such parameter";
        let path = format!("params[{}]", quote(key, MAX_KEY_SHOWN));
        errors.push(Finding::new(Rule::UnknownParameter, path, message));
    }
    let mut checked = Map::new();
    for parameter in &tool.parameters {
        let default = parameter.default.as_ref();
        let given = params.get(&parameter.name);
        let value = match (given, default) {
            (Some(given), _) => given,
            (None, Some(default)) if !parameter.required => default,
            (None, None) if !parameter.required => continue,
            _ => {
                let path = format!("params.{}", parameter.name);
                let message = "the parameter is required and missing";
                errors.push(Finding::new(Rule::MissingParameter, path, message));
                continue;
            }
        };
        match parameter.kind.check(value, default, roots) {
            Ok(value) => {
                checked.insert(parameter.name.clone(), value);
            }
            Err(mismatch) => {
                let path = format!("params.{}", parameter.name);
                errors.push(Finding::new(mismatch.rule, path, mismatch.message));
            }
        }
    }
    match errors.is_empty() {
        true => Ok(checked),
        false => Err(errors),
    }
}
