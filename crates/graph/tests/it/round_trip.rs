//! Property tests: all forms hold the same graph, and the canonical form is stable.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::{collection, option};
use vibesync_graph::model::{
    End, Frame, Graph, Item, Link, Node, Setting, Settings, Socket, Value,
};
use vibesync_graph::{Report, Wiring, canonical, json, mermaid};

use crate::support::CATALOGUE;

/// Names with characters that have a meaning in Mermaid, JSON or YAML.
fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z >|\"#;:%{}\\[\\]()\\\\äß€.\\-]{1,12}"
        .prop_filter("a name is not blank", |name| !name.trim().is_empty())
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (-1000_i64..1000).prop_map(Value::Int),
        (-1e6_f32..1e6).prop_map(|number| Value::Float(f64::from(number))),
        name().prop_map(Value::Text),
        Just(Value::Null),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        scalar(),
        collection::vec(scalar(), 0..4).prop_map(Value::List)
    ]
}

fn node(number: usize) -> impl Strategy<Value = Node> {
    let count = CATALOGUE.nodes.len();
    let item = (name(), option::of(name())).prop_map(|(name, idname)| Item {
        name,
        idname,
        ..Item::default()
    });
    let items = option::of(collection::vec(item, 0..3));
    (
        0..count,
        option::of(name()),
        items,
        option::of((-1e3..1e3, -1e3..1e3)),
    )
        .prop_map(move |(kind, label, items, position)| Node {
            id: format!("n{number}"),
            idname: CATALOGUE.nodes[kind].identifier.clone(),
            label,
            items,
            position: position.map(|(x, y)| [x, y]),
            ..Node::default()
        })
}

fn socket() -> impl Strategy<Value = Socket> {
    (name(), name(), option::of(value()), option::of(name())).prop_map(
        |(name, idname, default, description)| Socket {
            name,
            idname,
            default,
            description,
            ..Socket::default()
        },
    )
}

/// The settings of a node, given by its number.
type NodeSettings = (usize, BTreeMap<String, Value>);

fn settings() -> impl Strategy<Value = Vec<NodeSettings>> {
    let values = collection::btree_map(name(), value(), 1..4);
    collection::vec((0_usize..8, values), 0..4)
}

/// Label, text, members and parent of a frame.
type FrameParts = (String, Option<String>, Vec<usize>, Option<usize>);

fn frames() -> impl Strategy<Value = Vec<FrameParts>> {
    let members = collection::vec(0_usize..8, 0..4);
    let frame = (name(), option::of(name()), members, option::of(0_usize..4));
    collection::vec(frame, 0..4)
}

/// Makes graphs that can be written, though most are invalid.
fn graph() -> impl Strategy<Value = Graph> {
    let nodes = (1_usize..8).prop_flat_map(|count| (0..count).map(node).collect::<Vec<_>>());
    let end = || (0_usize..8, name());
    let links = collection::vec((end(), end()), 0..10);
    let sockets = || option::of(collection::vec(socket(), 0..3));
    (
        nodes,
        links,
        settings(),
        sockets(),
        sockets(),
        frames(),
        option::of(name()),
    )
        .prop_map(|(nodes, links, settings, inputs, outputs, frames, name)| {
            let id = |number: usize| format!("n{}", number % nodes.len());
            let end = |(number, socket): (usize, String)| End {
                node: id(number),
                socket,
            };
            let link = |(from, to)| Link {
                from: end(from),
                to: end(to),
                at: None,
            };
            // The last settings of a node count.
            let settings: BTreeMap<String, _> = settings
                .into_iter()
                .map(|(number, values)| (id(number), values))
                .collect();
            let settings = settings.into_iter().map(make_settings).collect();
            let frames = frames.into_iter().enumerate();
            let frames = frames
                .map(|(number, parts)| make_frame(number, parts, id))
                .collect();
            Graph {
                name,
                inputs,
                outputs,
                links: links.into_iter().map(link).collect(),
                settings,
                frames,
                nodes,
                ..Graph::default()
            }
        })
}

fn make_settings((node, values): (String, BTreeMap<String, Value>)) -> Settings {
    let values = values.into_iter().map(|(key, value)| Setting {
        key,
        value,
        at: None,
    });
    Settings {
        node,
        values: values.collect(),
        at: None,
    }
}

fn make_frame(
    number: usize,
    (label, text, members, parent): FrameParts,
    id: impl Fn(usize) -> String,
) -> Frame {
    let members: BTreeSet<String> = members.into_iter().map(id).collect();
    // An earlier frame, so that no frame is inside itself.
    let parent = parent.filter(|parent| *parent < number);
    Frame {
        id: format!("f{number}"),
        label,
        text,
        color: Some([0.25, 0.5, 0.75, 1.0]),
        nodes: members.into_iter().collect(),
        parent: parent.map(|parent| format!("f{parent}")),
        at: None,
    }
}

fn to_canonical(graph: &Graph) -> Graph {
    canonical(&Wiring::new(graph, &CATALOGUE))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn json_round_trip_is_lossless(graph in graph()) {
        let written = json::compact(&graph);
        let read = json::read(written.as_bytes()).unwrap();
        prop_assert_eq!(json::compact(&read), written);
        let pretty = json::read(json::pretty(&graph).as_bytes()).unwrap();
        prop_assert_eq!(json::compact(&pretty), json::compact(&graph));
    }

    #[test]
    fn sketch_round_trip_is_lossless(graph in graph()) {
        let graph = to_canonical(&graph);
        let sketch = mermaid::write(&graph, &CATALOGUE);
        let read = mermaid::read(sketch.as_bytes(), &CATALOGUE).unwrap();
        prop_assert_eq!(json::compact(&read), json::compact(&graph), "{}", sketch);
        prop_assert_eq!(mermaid::write(&read, &CATALOGUE), sketch);
    }

    #[test]
    fn canonical_form_is_stable(graph in graph()) {
        let once = to_canonical(&graph);
        prop_assert_eq!(json::compact(&to_canonical(&once)), json::compact(&once));
        let (first, second) = (Report::for_graph(&graph, &CATALOGUE), Report::for_graph(&once, &CATALOGUE));
        prop_assert_eq!(first.status, second.status);
    }

    #[test]
    fn fix_is_idempotent_for_any_graph(graph in graph()) {
        let fixed = vibesync_graph::fix::fix(&graph, &CATALOGUE);
        prop_assert_eq!(fixed.report.is_ok(), fixed.report.errors.is_empty());
        let graph = fixed.report.graph_json.unwrap();
        prop_assert!(vibesync_graph::fix::fix(&graph, &CATALOGUE).fixes.is_empty());
    }
}
