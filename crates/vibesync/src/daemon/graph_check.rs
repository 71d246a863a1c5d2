//! Checks geometry-node graphs in intents: refuses graphs that Blender would not build as intended.

use serde_json::Value;
use vibesync_graph::catalogue::{VERSIONS, shared};
use vibesync_graph::{Catalogue, Diagnostic, Location, Report, json};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{Change, Code, Components, Invalid};

/// Returns true if the message is an intent with graphs. The graphs of a read-back are compared, not checked.
pub fn has_graphs(message: &ClientMessage) -> bool {
    let ClientMessage::Intent(intent) = message else {
        return false;
    };
    let components = intent.changes.iter().filter_map(Change::components);
    components.filter_map(graph_of).next().is_some()
}

/// Checks the graphs of an intent and replaces them by their canonical form, which names a Blender version. Graphs that
/// name no version are for `default_version`. Takes milliseconds.
pub fn canonicalize_graphs(
    message: &mut ClientMessage,
    default_version: &'static str,
) -> Result<(), Invalid> {
    let ClientMessage::Intent(intent) = message else {
        return Ok(());
    };
    for (i, change) in intent.changes.iter_mut().enumerate() {
        let nodes = change.components_mut().and_then(|it| it.nodes.as_mut());
        if let Some(graph) = nodes.and_then(|nodes| nodes.graph.as_mut()) {
            *graph = canonical(graph, default_version).map_err(|invalid| within(i, invalid))?;
        }
    }
    Ok(())
}

/// Places an error about a graph in the intent. An error about the graph as a whole already names the key `graph`.
fn within(change: usize, invalid: Invalid) -> Invalid {
    let nodes = format!("changes[{change}].components.nodes");
    match invalid.location.starts_with("graph") {
        true => invalid.within(nodes),
        false => invalid.within(format!("{nodes}.graph")),
    }
}

fn graph_of(components: &Components) -> Option<&Value> {
    components.nodes.as_ref()?.graph.as_ref()
}

fn canonical(graph: &Value, default_version: &'static str) -> Result<Value, Invalid> {
    let text = graph.to_string();
    let mut graph = json::read(text.as_bytes()).map_err(|errors| first_error(&errors))?;
    let catalogue = catalogue_for(
        graph
            .blender
            .get_or_insert_with(|| default_version.to_owned()),
    )?;
    let report = Report::for_graph(&graph, catalogue);
    if !report.is_ok() {
        return Err(first_error(&report.errors));
    }
    serde_json::to_value(report.graph_json)
        .map_err(|error| invalid_graph("graph", &error.to_string()))
}

fn catalogue_for(version: &str) -> Result<&'static Catalogue, Invalid> {
    let refuse = |message| Invalid::new(Code::CatalogueUnusable, "blender", message);
    match shared(version) {
        Some(Ok(catalogue)) => Ok(catalogue),
        Some(Err(error)) => Err(refuse(error.message.to_string())),
        None => {
            let known = VERSIONS.join(", ");
            let message =
                format!("there is no catalogue of Blender {version:.20}, only of {known}");
            Err(refuse(message))
        }
    }
}

/// Reports the first error of a graph; `vibesync graph check` lists all of them.
fn first_error(errors: &[Diagnostic]) -> Invalid {
    let Some(error) = errors.first() else {
        return invalid_graph("graph", "it cannot be read");
    };
    let more = match errors.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    // The text was generated here, so its lines and columns mean nothing to the client.
    let location = Location {
        position: None,
        ..error.location.clone()
    };
    let message = format!("{}: {}{more}", error.rule, error.message);
    invalid_graph(&location.to_string(), &message)
}

fn invalid_graph(location: &str, message: &str) -> Invalid {
    Invalid::new(Code::GraphInvalid, location, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vibesync_protocol::Intent;
    use vibesync_scene::{Nodes, OperationId, ProjectId, Uuid};

    use super::*;

    fn intent(graph: &Value) -> ClientMessage {
        let components = Components {
            nodes: Some(Box::new(Nodes {
                graph: Some(graph.clone()),
            })),
            ..Components::default()
        };
        let change = Change::Update {
            uuid: Uuid::from_u128(1),
            components,
        };
        ClientMessage::Intent(Intent {
            operation_id: OperationId(Uuid::from_u128(2)),
            project_id: ProjectId(Uuid::from_u128(3)),
            schema_version: 1,
            base_seq: 0,
            label: "Build".into(),
            dry_run: false,
            changes: vec![change],
            request_id: None,
        })
    }

    fn cube(node: &str) -> Value {
        let link = |from, socket, to, into| json!({"from": from, "from_socket": socket, "to": to, "to_socket": into});
        json!({
            "outputs": [{"name": "Geometry", "type": "NodeSocketGeometry"}],
            "nodes": [{"id": "n1", "type": node}, {"id": "out", "type": "NodeGroupOutput"}],
            "links": [link("n1", "Mesh", "out", "Geometry")],
        })
    }

    #[test]
    fn graph_is_replaced_by_its_canonical_form() {
        let mut message = intent(&cube("GeometryNodeMeshCube"));
        assert!(has_graphs(&message));
        assert_eq!(canonicalize_graphs(&mut message, "4.5"), Ok(()));
        let once = message.clone();
        assert_eq!(canonicalize_graphs(&mut message, "4.5"), Ok(()));
        assert_eq!(message, once);
        let ClientMessage::Intent(intent) = &once else {
            panic!("an intent")
        };
        let graph = graph_of(intent.changes[0].components().unwrap()).unwrap();
        assert_eq!(
            (&graph["node_settings"], &graph["blender"]),
            (&json!({}), &json!("4.5"))
        );
    }

    #[test]
    fn invalid_graph_is_refused_with_its_location() {
        let mut message = intent(&cube("GeometryNodeMeshCubes"));
        let refused = canonicalize_graphs(&mut message, "4.5").unwrap_err();
        assert_eq!(refused.code, Code::GraphInvalid);
        assert!(
            refused
                .location
                .starts_with("changes[0].components.nodes.graph.")
                && refused.location.contains("n1"),
            "{refused:?}"
        );
        assert!(
            refused.message.contains("GeometryNodeMeshCubes"),
            "{refused:?}"
        );
    }

    #[test]
    fn error_about_the_whole_graph_names_it_once() {
        let mut message = intent(&json!("no graph"));
        let refused = canonicalize_graphs(&mut message, "4.5").unwrap_err();
        assert_eq!(refused.location, "changes[0].components.nodes.graph");
    }

    #[test]
    fn graph_for_an_unknown_blender_is_refused() {
        let mut graph = cube("GeometryNodeMeshCube");
        graph["blender"] = json!("3.6");
        let refused = canonicalize_graphs(&mut intent(&graph), "4.5").unwrap_err();
        assert_eq!(refused.code, Code::CatalogueUnusable);
        assert!(refused.message.contains("4.2, 4.5, 5.0"), "{refused:?}");
    }
}
