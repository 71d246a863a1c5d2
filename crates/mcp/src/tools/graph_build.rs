//! `graph_build`: gives an object a geometry-node graph.

use serde_json::{Value, json};
use vibesync_graph::{Report, catalogue, check};
use vibesync_scene::{Change, Code, Components, Nodes, OperationId, Role, Uuid};

use super::graph_check::{BLENDER, GRAPH, MERMAID, bounded, graph_text, node_types_of};
use super::operation::{
    self, BASE_SEQ, DRY_RUN, LABEL, OPERATION, WAIT_MS, add_rows, operation_id, planned,
};
use super::tool::{Call, Hints, Tool, field};
use crate::answer::error_fields;
use crate::daemon::Fault;
use crate::operation::ChangeRequest;
use crate::schema::Kind;
use crate::schema::Shape::{Integer, Object, Objects, Text};

pub(super) const TOOL: Tool = Tool {
    name: "graph_build",
    title: "Build a geometry-node graph",
    about: "Checks a graph (mermaid or graph) and makes it the geometry nodes of an object, replacing those that an agent \
            built before. Blender builds it and reads it back. States as in scene_change.",
    hints: Hints::SET,
    input: &[
        field("object", Kind::Uuid, ""),
        MERMAID,
        GRAPH,
        BLENDER,
        field(
            "inputs",
            Kind::Object,
            "Defaults of the group's inputs by name",
        ),
        DRY_RUN,
        LABEL,
        OPERATION,
        BASE_SEQ,
        WAIT_MS,
    ],
    output: &[
        ("report", Object),
        ("seq", Integer),
        ("operation_id", Text),
        ("state", Text),
        ("changes", Objects),
        ("left_out", Objects),
        ("waits_for", Text),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let Some(object) = arguments.uuid("object") else {
        return Err(Fault::argument("object", "is missing"));
    };
    let version = match arguments.text("blender") {
        Some(version) => version.to_owned(),
        None => connected_version(call)?,
    };
    let types = node_types_of(&version)?;
    let mut report = check(graph_text(call)?.as_bytes(), types);
    if let Some(inputs) = arguments.object("inputs").filter(|_| report.is_ok()) {
        let graph = with_defaults(&report, inputs)?;
        report = check(graph.to_string().as_bytes(), types);
    }
    let operation_id = operation_id(call);
    if !report.is_ok() {
        let message = format!("{} errors; report lists them", report.errors.len());
        let fault = Fault::new(Code::GraphInvalid, "graph", message)
            .with_help("Correct the graph; graph_check with fix helps.");
        return Ok(json!({
            "report": bounded(report),
            "state": "refused",
            "error": error_fields(&fault),
        }));
    }
    let Some(base_seq) = arguments.integer("base_seq") else {
        let message = "is missing: give the seq of the answer in which you read the object";
        return Err(Fault::argument("base_seq", message));
    };
    let request = request(operation_id, base_seq, object, &report, &version, call)?;
    let mut answer = if arguments.boolean("dry_run").unwrap_or(false) {
        let plan = call.daemon.plan(&request)?;
        let mut answer = planned(operation_id, &plan);
        add_rows(&mut answer, &plan.changes, plan.total);
        answer
    } else {
        let progress = call.daemon.change(&request, &operation::wait(call))?;
        operation::answer(operation_id, &progress, str::to_owned)
    };
    answer.insert("report".into(), bounded(report));
    Ok(answer.into())
}

/// Returns the version of the Blender that is connected, or the newest that the graphs of the project are for.
fn connected_version(call: &Call<'_>) -> Result<String, Fault> {
    let status = call.daemon.status()?;
    let blender = status.sessions.iter().find(|it| it.role == Role::Blender);
    let connected = blender.map(|it| it.editor_version.as_str());
    let is_included = |version: &&&str| connected.is_some_and(|it| it.starts_with(**version));
    let version = catalogue::VERSIONS.iter().find(is_included);
    Ok((*version.unwrap_or(&"4.5")).to_owned())
}

/// Returns the graph with these defaults of its inputs.
fn with_defaults(report: &Report, inputs: &Value) -> Result<Value, Fault> {
    let mut graph = json!(report.graph_json);
    let listed = graph.get_mut("inputs").and_then(Value::as_array_mut);
    let mut listed: Vec<&mut Value> = listed.into_iter().flatten().collect();
    for (name, value) in inputs.as_object().into_iter().flatten() {
        let input = listed
            .iter_mut()
            .find(|input| input.get("name").and_then(Value::as_str) == Some(name));
        let Some(fields) = input.and_then(|input| input.as_object_mut()) else {
            let location = format!("inputs.{}", crate::escape(name, 64));
            return Err(Fault::argument(&location, "the graph has no such input"));
        };
        fields.insert("default".into(), value.clone());
    }
    Ok(graph)
}

fn request(
    operation_id: OperationId,
    base_seq: u64,
    object: Uuid,
    report: &Report,
    version: &str,
    call: &Call<'_>,
) -> Result<ChangeRequest, Fault> {
    let mut graph = json!(report.graph_json);
    let Some(fields) = graph.as_object_mut() else {
        return Err(Fault::new(Code::GraphInvalid, "graph", "it is no graph"));
    };
    fields.insert("blender".into(), version.into());
    let label = call.arguments.text("label").unwrap_or("Agent: build graph");
    Ok(ChangeRequest {
        operation_id,
        base_seq,
        label: label.to_owned(),
        changes: vec![Change::Update {
            uuid: object,
            components: Components {
                nodes: Some(Box::new(Nodes { graph: Some(graph) })),
                ..Components::default()
            },
        }],
        attachments: Vec::new(),
    })
}
