//! Reads a tool.

use std::collections::HashSet;

use super::fields::{Field, Fields, Report};
use super::parameter::read_parameter;
use crate::finding::Rule;
use crate::identifier::is_tool_name;
use crate::limits;
use crate::manifest::{Hints, Tool};

const KNOWN: [&str; 8] = [
    "name",
    "description",
    "usage",
    "parameters",
    "examples",
    "read_only",
    "destructive",
    "open_world",
];

/// Reads a tool. `seen` holds the names of the tools before it, in lower case.
pub(super) fn read_tool(
    field: &Field,
    seen: &mut HashSet<String>,
    report: &mut Report,
) -> Option<Tool> {
    let fields = Fields::new(field, &KNOWN, report)?;
    let name = fields.require("name", report).and_then(|field| {
        let wanted = "a name of a tool: 1 to 64 letters, digits and _ after a letter";
        let name = field.form(Rule::Name, is_tool_name, wanted, report)?;
        if !seen.insert(name.to_ascii_lowercase()) {
            field.add(Rule::Duplicate, "another tool has this name", report);
        }
        Some(name)
    });
    let description = fields.text("description", limits::DESCRIPTION, report);
    let usage = fields.text("usage", limits::DESCRIPTION, report);
    let mut parameters = Vec::new();
    let mut names = HashSet::new();
    for entry in fields.list("parameters", limits::PARAMETERS, report) {
        parameters.extend(read_parameter(&entry, &mut names, report));
    }
    let examples = fields.texts("examples", limits::EXAMPLES, limits::EXAMPLE, report);
    let careful = Hints::CAREFUL;
    let hints = Hints {
        read_only: fields.flag("read_only", careful.read_only, report),
        destructive: fields.flag("destructive", careful.destructive, report),
        open_world: fields.flag("open_world", careful.open_world, report),
    };
    Some(Tool {
        name: name?,
        description: description?,
        usage: usage?,
        parameters,
        examples,
        hints,
    })
}
