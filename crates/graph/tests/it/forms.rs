//! A graph is the same in all its forms, and its canonical form stays as it is.

use proptest::prelude::*;
use vibesync_graph::model::{
    End, Frame, Graph, Item, Link, Node, Setting, Settings, Socket, Value,
};
use vibesync_graph::{Report, Wiring, canonical, json, mermaid};

use crate::BLENDER;

/// Texts that could break a form: what means something in Mermaid, in JSON, in YAML.
fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z >|\"#;:%{}\\[\\]()\\\\äß€.\\-]{1,12}"
        .prop_filter("a name is no blank", |name| !name.trim().is_empty())
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
        proptest::collection::vec(scalar(), 0..4).prop_map(Value::List)
    ]
}

fn node(number: usize) -> impl Strategy<Value = Node> {
    let count = BLENDER.nodes.len();
    let item = (name(), proptest::option::of(name())).prop_map(|(name, idname)| Item {
        name,
        idname,
        ..Item::default()
    });
    let items = proptest::option::of(proptest::collection::vec(item, 0..3));
    (
        0..count,
        proptest::option::of(name()),
        items,
        proptest::option::of((-1e3..1e3, -1e3..1e3)),
    )
        .prop_map(move |(kind, label, items, position)| Node {
            id: format!("n{number}"),
            idname: BLENDER.nodes[kind].identifier.clone(),
            label,
            items,
            position: position.map(|(x, y)| [x, y]),
            ..Node::default()
        })
}

fn socket() -> impl Strategy<Value = Socket> {
    (
        name(),
        name(),
        proptest::option::of(value()),
        proptest::option::of(name()),
    )
        .prop_map(|(name, idname, default, description)| Socket {
            name,
            idname,
            default,
            description,
            ..Socket::default()
        })
}

/// Label, text, members and parent of a frame.
type Drawn = (String, Option<String>, Vec<usize>, Option<usize>);

/// Graphs that may mean nothing, but can be written.
fn graph() -> impl Strategy<Value = Graph> {
    let nodes = (1_usize..8).prop_flat_map(|count| (0..count).map(node).collect::<Vec<_>>());
    let ends = || (0_usize..8, name());
    let links = proptest::collection::vec((ends(), ends()), 0..10);
    let settings = proptest::collection::vec(
        (
            0_usize..8,
            proptest::collection::btree_map(name(), value(), 1..4),
        ),
        0..4,
    );
    let sockets = || proptest::option::of(proptest::collection::vec(socket(), 0..3));
    let frames = proptest::collection::vec(
        (
            name(),
            proptest::option::of(name()),
            proptest::collection::vec(0_usize..8, 0..4),
            proptest::option::of(0_usize..4),
        ),
        0..4,
    );
    (
        nodes,
        links,
        settings,
        sockets(),
        sockets(),
        frames,
        proptest::option::of(name()),
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
            let mut said = std::collections::BTreeMap::new();
            for (number, values) in settings {
                said.insert(id(number), values);
            }
            let settings = said.into_iter().map(|(node, values)| Settings {
                node,
                values: values
                    .into_iter()
                    .map(|(key, value)| Setting {
                        key,
                        value,
                        at: None,
                    })
                    .collect(),
                at: None,
            });
            let frame = |(number, (label, text, members, parent)): (usize, Drawn)| {
                let members: std::collections::BTreeSet<String> =
                    members.into_iter().map(id).collect();
                Frame {
                    id: format!("f{number}"),
                    label,
                    text,
                    color: Some([0.25, 0.5, 0.75, 1.0]),
                    nodes: members.into_iter().collect(),
                    // In one that comes before, so that none lies in itself.
                    parent: parent
                        .filter(|parent| *parent < number)
                        .map(|parent| format!("f{parent}")),
                    at: None,
                }
            };
            let frames = frames.into_iter().enumerate().map(frame);
            Graph {
                name,
                inputs,
                outputs,
                links: links.into_iter().map(link).collect(),
                settings: settings.collect(),
                frames: frames.collect(),
                nodes,
                ..Graph::default()
            }
        })
}

fn settled(graph: &Graph) -> Graph {
    canonical(&Wiring::new(graph, &BLENDER))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn json_is_read_as_it_was_written(graph in graph()) {
        let written = json::compact(&graph);
        let read = json::read(written.as_bytes()).unwrap();
        prop_assert_eq!(json::compact(&read), written);
        let pretty = json::read(json::pretty(&graph).as_bytes()).unwrap();
        prop_assert_eq!(json::compact(&pretty), json::compact(&graph));
    }

    #[test]
    fn a_sketch_holds_all_of_a_graph(graph in graph()) {
        let graph = settled(&graph);
        let sketch = mermaid::write(&graph, &BLENDER);
        let read = mermaid::read(sketch.as_bytes(), &BLENDER).unwrap();
        prop_assert_eq!(json::compact(&read), json::compact(&graph), "{}", sketch);
        prop_assert_eq!(mermaid::write(&read, &BLENDER), sketch);
    }

    #[test]
    fn what_is_canonical_stays_as_it_is(graph in graph()) {
        let once = settled(&graph);
        prop_assert_eq!(json::compact(&settled(&once)), json::compact(&once));
        let (first, second) = (Report::for_graph(&graph, &BLENDER), Report::for_graph(&once, &BLENDER));
        prop_assert_eq!(first.status, second.status);
    }

    #[test]
    fn whatever_is_corrected_stays_a_graph(graph in graph()) {
        let fixed = vibesync_graph::fix::fix(&graph, &BLENDER);
        prop_assert_eq!(fixed.report.is_ok(), fixed.report.errors.is_empty());
        let graph = fixed.report.graph_json.unwrap();
        prop_assert!(vibesync_graph::fix::fix(&graph, &BLENDER).fixes.is_empty());
    }
}
