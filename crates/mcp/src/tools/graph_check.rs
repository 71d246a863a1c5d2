//! `graph_check`: checks a geometry-node graph, and corrects it if asked.

use serde_json::{Value, json};
use vibesync_graph::fix::fix_text;
use vibesync_graph::{Catalogue, Report, catalogue, check};
use vibesync_scene::Code;

use super::tool::{Call, Hints, Tool, field};
use crate::answer::size;
use crate::daemon::Fault;
use crate::schema::Shape::{Object, Texts};
use crate::schema::{Field, Kind};

/// Most bytes of a sketch or graph.
const MAX_GRAPH: usize = 200_000;

/// Most errors in an answer.
const MAX_ERRORS: usize = 30;

/// Bytes of the report that leave room for the corrections.
const MAX_REPORT: usize = 10_000;

pub(super) const TOOL: Tool = Tool {
    name: "graph_check",
    title: "Check a geometry-node graph",
    about: "Checks a graph against the node types of a Blender version: mermaid (a sketch) or graph (graph_json). \
            report has mermaid_code, graph_json, status GRAPH_OK or ERRORS_FOUND, errors. Builds nothing. Needs no daemon.",
    hints: Hints::READ,
    input: &[
        MERMAID,
        GRAPH,
        BLENDER,
        Field {
            name: "fix",
            kind: Kind::Boolean,
            about: "Correct what is unambiguous",
        },
    ],
    output: &[("report", Object), ("fixes", Texts)],
    run,
};

pub(super) const BLENDER: Field = Field {
    name: "blender",
    kind: Kind::Word(catalogue::VERSIONS),
    about: "Default 4.5",
};

pub(super) const MERMAID: Field = field("mermaid", Kind::Text(MAX_GRAPH), "");

pub(super) const GRAPH: Field = field("graph", Kind::Object, "");

/// Returns the node types of the version that a call names.
pub(super) fn node_types(call: &Call<'_>) -> Result<&'static Catalogue, Fault> {
    node_types_of(call.arguments.text("blender").unwrap_or("4.5"))
}

/// Returns the node types of a version.
pub(super) fn node_types_of(version: &str) -> Result<&'static Catalogue, Fault> {
    match catalogue::shared(version) {
        Some(Ok(catalogue)) => Ok(catalogue),
        Some(Err(error)) => Err(Fault::new(
            Code::CatalogueUnusable,
            &*error.location,
            &*error.message,
        )),
        None => Err(Fault::new(Code::CatalogueUnusable, version, "not included")),
    }
}

/// Returns the text of the graph that a call names.
pub(super) fn graph_text(call: &Call<'_>) -> Result<String, Fault> {
    let arguments = &call.arguments;
    match (arguments.text("mermaid"), arguments.object("graph")) {
        (Some(sketch), None) => Ok(sketch.to_owned()),
        (None, Some(graph)) => Ok(graph.to_string()),
        _ => {
            let message = "give either `mermaid` or `graph`";
            Err(Fault::argument("mermaid", message))
        }
    }
}

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let text = graph_text(call)?;
    let catalogue = node_types(call)?;
    let is_fixing = arguments.boolean("fix").unwrap_or(false);
    let (report, fixes) = match is_fixing {
        true => {
            let fixed = fix_text(text.as_bytes(), catalogue);
            let fixes = fixed.fixes.iter().map(ToString::to_string).collect();
            (fixed.report, fixes)
        }
        false => (check(text.as_bytes(), catalogue), Vec::new()),
    };
    Ok(json!({"report": bounded(report), "fixes": Some(fixes).filter(|_| is_fixing)}))
}

/// Leaves out what makes a report too large. The caller has the graph.
pub(super) fn bounded(mut report: Report) -> Value {
    let total = report.errors.len();
    report.errors.truncate(MAX_ERRORS);
    let mut value = json!(report);
    let Some(fields) = value.as_object_mut() else {
        return value;
    };
    for field in ["graph_json", "mermaid_code"] {
        if size(&Value::Object(fields.clone())) > MAX_REPORT {
            fields.insert(field.into(), "too large for this answer".into());
        }
    }
    if total > MAX_ERRORS {
        let more =
            json!({"rule": "more", "message": format!("{} more errors", total - MAX_ERRORS)});
        if let Some(errors) = fields.get_mut("errors").and_then(Value::as_array_mut) {
            errors.push(more);
        }
    }
    value
}
