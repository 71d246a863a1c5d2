//! Tests of suggested frames (the same as in the addon), of layouts without overlaps, and of SVG.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vibesync_graph::frames::{Role, Strategy, suggest_frames};
use vibesync_graph::{
    Area, Catalogue, Graph, Wiring, arrange, catalogue, json as text, layout, svg,
};

use crate::support::CATALOGUE;

const GOLDEN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/golden/framing.json"
);

/// Makes a graph of chains of nodes that are joined before the Group Output.
fn chains(count: usize, length: usize) -> Graph {
    let mut nodes = vec![
        json!({"id":"go","type":"NodeGroupOutput"}),
        json!({"id":"j","type":"GeometryNodeJoinGeometry"}),
    ];
    let mut links =
        vec![json!({"from":"j","from_socket":"Geometry","to":"go","to_socket":"Geometry"})];
    for chain in 0..count {
        nodes.push(json!({"id":format!("c{chain}"),"type":"GeometryNodeMeshCone"}));
        let mut before = (format!("c{chain}"), "Mesh");
        for step in 0..length {
            let id = format!("n{chain}_{step}");
            let idname = [
                "GeometryNodeSetPosition",
                "NodeReroute",
                "GeometryNodeSetShadeSmooth",
            ][step % 3];
            let (input, output) = match idname {
                "NodeReroute" => ("Input", "Output"),
                _ => ("Geometry", "Geometry"),
            };
            nodes.push(json!({"id":id,"type":idname}));
            links.push(json!({"from":before.0,"from_socket":before.1,"to":id,"to_socket":input}));
            before = (id, output);
        }
        links.push(json!({"from":before.0,"from_socket":before.1,"to":"j","to_socket":"Geometry"}));
        nodes.push(json!({"id":format!("v{chain}"),"type":"ShaderNodeValue"}));
        links.push(json!({"from":format!("v{chain}"),"from_socket":"Value","to":format!("c{chain}"),"to_socket":"Depth"}));
    }
    let graph = json!({"nodes":nodes,"links":links}).to_string();
    text::read(graph.as_bytes()).unwrap()
}

/// Makes the content of the golden file; the addon must make the same frames.
fn golden() -> Value {
    let mut roles = BTreeMap::new();
    for version in catalogue::VERSIONS {
        let read: Catalogue = catalogue::embedded(version).unwrap().unwrap();
        roles.extend(read.nodes.iter().map(|kind| {
            (
                kind.identifier.clone(),
                Role::for_type(&kind.identifier).name(),
            )
        }));
    }
    let graphs = [chains(1, 2), chains(2, 4), chains(3, 9), chains(1, 30)];
    let graphs: Vec<Value> = graphs
        .iter()
        .map(|graph| {
            json!({
                "graph": graph,
                "connectivity": suggest_frames(graph, Strategy::Connectivity),
                "type": suggest_frames(graph, Strategy::Type),
            })
        })
        .collect();
    json!({"roles": roles, "graphs": graphs})
}

#[test]
fn frames_match_the_golden_file() {
    let made = format!("{:#}\n", golden());
    if std::env::var_os("VIBESYNC_BLESS").is_some() {
        std::io::Write::write_all(&mut std::fs::File::create(GOLDEN).unwrap(), made.as_bytes())
            .unwrap();
    }
    let kept = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert!(
        kept == made,
        "{GOLDEN} is stale: run VIBESYNC_BLESS=1 cargo test -p vibesync-graph"
    );
}

#[test]
fn frame_has_at_most_ten_nodes_and_no_reroute() {
    let graph = chains(3, 30);
    for strategy in [Strategy::Connectivity, Strategy::Type] {
        let frames = suggest_frames(&graph, strategy);
        assert!(
            frames
                .iter()
                .all(|frame| (1..=10).contains(&frame.nodes.len())),
            "{frames:?}"
        );
        let reroutes: Vec<&str> = graph
            .nodes
            .iter()
            .filter(|it| it.idname == "NodeReroute")
            .map(|it| &*it.id)
            .collect();
        assert!(
            frames
                .iter()
                .flat_map(|frame| &frame.nodes)
                .all(|id| !reroutes.contains(&id.as_str()))
        );
    }
}

fn are_apart(one: &Area, other: &Area) -> bool {
    let beside = |a: &Area, b: &Area| a.x + a.width <= b.x;
    let above = |a: &Area, b: &Area| a.y - a.height >= b.y;
    beside(one, other) || beside(other, one) || above(one, other) || above(other, one)
}

fn is_inside(inner: &Area, outer: &Area) -> bool {
    inner.x >= outer.x
        && inner.y <= outer.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y - inner.height >= outer.y - outer.height
}

#[test]
fn areas_do_not_overlap_and_links_lead_right() {
    let mut graph = chains(4, 7);
    graph.frames = suggest_frames(&graph, Strategy::Connectivity);
    graph.frames[1].parent = Some(graph.frames[0].id.clone());
    let wiring = Wiring::new(&graph, &CATALOGUE);
    let placed = layout(&wiring);
    for (at, one) in placed.nodes.iter().enumerate() {
        for other in &placed.nodes[at + 1..] {
            assert!(are_apart(one, other), "{one:?} {other:?}");
        }
    }
    for (frame, area) in graph.frames.iter().zip(&placed.frames) {
        for (node, area_of_node) in graph.nodes.iter().zip(&placed.nodes) {
            let member = frame.nodes.contains(&node.id);
            let inner = frame.id == graph.frames[0].id && graph.frames[1].nodes.contains(&node.id);
            assert!(
                if member || inner {
                    is_inside(area_of_node, area)
                } else {
                    are_apart(area_of_node, area)
                },
                "{} {}",
                frame.id,
                node.id
            );
        }
    }
    let bare = Graph {
        frames: Vec::new(),
        ..graph.clone()
    };
    let wiring = Wiring::new(&bare, &CATALOGUE);
    let placed = layout(&wiring);
    for (from, to) in wiring.wires.iter().filter_map(|wire| wire.ends()) {
        assert!(placed.nodes[from.node].x < placed.nodes[to.node].x);
    }
}

#[test]
fn cycles_get_positions_too() {
    let text = r#"{"nodes":[{"id":"a","type":"ShaderNodeMath"},{"id":"b","type":"ShaderNodeMath"}],
"links":[{"from":"a","from_socket":"Value","to":"b","to_socket":"Value"},{"from":"b","from_socket":"Value","to":"a","to_socket":"Value"}],
"frames":[{"id":"f","nodes":["a"],"parent":"g"},{"id":"g","nodes":["b"],"parent":"f"}]}"#;
    let graph = text::read(text.as_bytes()).unwrap();
    let wiring = Wiring::new(&graph, &CATALOGUE);
    let placed = layout(&wiring);
    assert!(are_apart(&placed.nodes[0], &placed.nodes[1]));
    assert!(svg(&wiring).ends_with("</svg>\n"));
}

#[test]
fn given_positions_are_kept() {
    let mut graph = chains(1, 1);
    for node in &mut graph.nodes {
        node.position = Some([1.0, 2.0]);
    }
    let kept = arrange(&Wiring::new(&graph, &CATALOGUE));
    assert_eq!(kept, graph);
}

#[test]
fn svg_shows_all_links_and_escapes_labels() {
    let mut graph = chains(1, 1);
    graph.nodes[0].label = Some("<script>&".to_owned());
    let picture = svg(&Wiring::new(&graph, &CATALOGUE));
    assert!(picture.contains("&lt;script&gt;&amp;") && !picture.contains("<script"));
    assert_eq!(picture.matches("<path ").count(), graph.links.len());
}
