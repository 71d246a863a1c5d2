//! Geometry nodes on their way in: no graph is begun with that Blender would not build as it is meant.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use vibesync_graph::catalogue::{VERSIONS, shared, version_index};
use vibesync_graph::{Catalogue, Diagnostic, Location, Report, json};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{Change, Code, Components, Invalid};

/// The Blender of graphs that do not say for which they are: the one that came last, 4.5 before there was any that has a
/// catalogue.
#[derive(Debug, Default)]
pub struct Usual(AtomicUsize);

impl Usual {
    /// A Blender of this version is here.
    pub fn note(&self, version: &str) {
        let place = version_index(version).map_or(0, |place| place + 1);
        self.0.store(place, Ordering::Relaxed);
    }

    /// Its version.
    pub fn version(&self) -> &'static str {
        let place = self.0.load(Ordering::Relaxed).checked_sub(1);
        place
            .and_then(|place| VERSIONS.get(place))
            .unwrap_or(&"4.5")
    }
}

/// Whether an intent asks for graphs. What an editor holds is not asked for: it is compared with what was.
pub fn has_graphs(message: &ClientMessage) -> bool {
    let ClientMessage::Intent(intent) = message else {
        return false;
    };
    let components = intent.changes.iter().filter_map(Change::components);
    components.filter_map(graph_of).next().is_some()
}

/// Checks the graphs of an intent and brings them into their canonical form, which says for which Blender they are. Takes
/// milliseconds.
pub fn take_in(message: &mut ClientMessage, usual: &'static str) -> Result<(), Invalid> {
    let ClientMessage::Intent(intent) = message else {
        return Ok(());
    };
    for (i, change) in intent.changes.iter_mut().enumerate() {
        let nodes = change.components_mut().and_then(|it| it.nodes.as_mut());
        if let Some(graph) = nodes.and_then(|nodes| nodes.graph.as_mut()) {
            *graph = canonical(graph, usual).map_err(|invalid| {
                invalid.within(format!("changes[{i}].components.nodes.graph"))
            })?;
        }
    }
    Ok(())
}

fn graph_of(components: &Components) -> Option<&Value> {
    components.nodes.as_ref()?.graph.as_ref()
}

fn canonical(graph: &Value, usual: &'static str) -> Result<Value, Invalid> {
    let text = graph.to_string();
    let mut graph = json::read(text.as_bytes()).map_err(|errors| first(&errors))?;
    let catalogue = catalogue_for(graph.blender.get_or_insert_with(|| usual.to_owned()))?;
    let report = Report::for_graph(&graph, catalogue);
    if !report.is_ok() {
        return Err(first(&report.errors));
    }
    let unsaid = |error: serde_json::Error| broken("graph", &error.to_string());
    serde_json::to_value(report.graph_json).map_err(unsaid)
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

/// The first of what is wrong with a graph; the command line tells all.
fn first(errors: &[Diagnostic]) -> Invalid {
    let Some(error) = errors.first() else {
        return broken("graph", "it cannot be read");
    };
    let more = match errors.len() {
        1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    };
    // Lines and columns are those of no text that anybody has.
    let place = Location {
        position: None,
        ..error.location.clone()
    };
    let message = format!("{}: {}{more}", error.rule, error.message);
    broken(&place.to_string(), &message)
}

fn broken(place: &str, message: &str) -> Invalid {
    Invalid::new(Code::GraphInvalid, place, message)
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
            changes: vec![change],
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
    fn a_graph_arrives_in_its_canonical_form() {
        let mut message = intent(&cube("GeometryNodeMeshCube"));
        assert!(has_graphs(&message));
        assert_eq!(take_in(&mut message, "4.5"), Ok(()));
        let once = message.clone();
        assert_eq!(take_in(&mut message, "4.5"), Ok(()));
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
    fn the_blender_that_came_last_is_the_usual_one() {
        let usual = Usual::default();
        assert_eq!(usual.version(), "4.5");
        for (said, held) in [
            ("5.0.1", "5.0"),
            ("4.2.23 LTS", "4.2"),
            ("4.20", "4.5"),
            ("5.0", "5.0"),
        ] {
            usual.note(said);
            assert_eq!(usual.version(), held, "{said}");
        }
    }

    #[test]
    fn one_that_blender_would_not_build_is_refused_with_its_place() {
        let mut message = intent(&cube("GeometryNodeMeshCubes"));
        let refused = take_in(&mut message, "4.5").unwrap_err();
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
    fn one_for_a_blender_without_a_catalogue_is_refused() {
        let mut graph = cube("GeometryNodeMeshCube");
        graph["blender"] = json!("3.6");
        let refused = take_in(&mut intent(&graph), "4.5").unwrap_err();
        assert_eq!(refused.code, Code::CatalogueUnusable);
        assert!(refused.message.contains("4.2, 4.5, 5.0"), "{refused:?}");
    }
}
