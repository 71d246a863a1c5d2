//! The one form of a graph: everything said that was concluded, each thing by its proper name, in one order.

use std::collections::{HashMap, HashSet};

use crate::model::{Frame, Graph, Link, Node, Setting, Settings};
use crate::takes::single;
use crate::wiring::{Meant, Port, Shape, Wiring, reference};

/// What a graph means, written out: interface and sockets named, numbers as Blender keeps them. Doing it again changes
/// nothing. What the catalogue does not know stays as it is.
pub fn canonical(wiring: &Wiring) -> Graph {
    let graph = wiring.graph;
    Graph {
        blender: graph.blender.clone(),
        name: graph.name.clone(),
        inputs: Some(wiring.inputs.clone()),
        outputs: Some(wiring.outputs.clone()),
        nodes: graph.nodes.iter().map(node).collect(),
        links: links(wiring),
        settings: settings(wiring),
        frames: frames(&graph.frames),
    }
}

fn node(node: &Node) -> Node {
    let mut node = node.clone();
    node.position = node.position.map(|position| position.map(single));
    node
}

fn links(wiring: &Wiring) -> Vec<Link> {
    let named = |(link, wire): (&Link, crate::wiring::Wire)| {
        let mut link = link.clone();
        let output = |port: Port| reference(&wiring.shapes.get(port.node)?.outputs, port.socket);
        let input = |port: Port| reference(&wiring.shapes.get(port.node)?.inputs, port.socket);
        if let Some(name) = wire.from.and_then(output) {
            link.from.socket = name.to_owned();
        }
        if let Some(name) = wire.to.and_then(input) {
            link.to.socket = name.to_owned();
        }
        link
    };
    wiring.links().map(named).collect()
}

/// Settings by node, in the order of the nodes; those of unknown nodes at the end.
fn settings(wiring: &Wiring) -> Vec<Settings> {
    let place = |settings: &Settings| wiring.place(&settings.node).unwrap_or(usize::MAX);
    let mut all: Vec<&Settings> = wiring.graph.settings.iter().collect();
    all.sort_by_key(|settings| place(settings));
    let each = |settings: &Settings| {
        let shape = wiring.node(&settings.node).map(|(_, shape)| shape);
        Settings {
            values: values(&settings.values, shape),
            ..settings.clone()
        }
    };
    let written = all
        .into_iter()
        .filter(|settings| !settings.values.is_empty());
    written.map(each).collect()
}

/// What is set on a node: deciding properties first, then properties, inputs and outputs in Blender's order.
fn values(values: &[Setting], shape: Option<&Shape>) -> Vec<Setting> {
    let Some(shape) = shape else {
        return values.to_vec();
    };
    let mut named: Vec<_> = values.iter().map(|setting| named(setting, shape)).collect();
    named.sort_by_key(|(rank, _)| *rank);
    named.into_iter().map(|(_, setting)| setting).collect()
}

/// A setting by its proper name with its value as Blender keeps it, and where it comes among others.
fn named(setting: &Setting, shape: &Shape) -> ((usize, usize), Setting) {
    let mut setting = setting.clone();
    let Some(meant) = shape.meant(&setting.key) else {
        return ((usize::MAX, 0), setting);
    };
    if let Some(takes) = shape.takes(meant) {
        setting.value = takes.kept(&setting.value);
    }
    let name = match meant {
        Meant::Property(_) => None,
        Meant::Input(place) => reference(&shape.inputs, place),
        Meant::Output(place) => reference(&shape.outputs, place),
    };
    // The name of an input may be that of a property too, which would then be meant.
    if let Some(name) = name.filter(|name| shape.meant(name) == Some(meant)) {
        setting.key = name.to_owned();
    }
    (rank(meant, shape), setting)
}

fn rank(meant: Meant, shape: &Shape) -> (usize, usize) {
    match meant {
        Meant::Property(place) => {
            let kind = shape.kind;
            let property = kind.and_then(|kind| kind.properties.get(place));
            let variants = kind.and_then(|kind| kind.variants.as_ref());
            let decides = variants.zip(property).and_then(|(variants, property)| {
                variants
                    .by
                    .iter()
                    .position(|name| *name == property.identifier)
            });
            match decides {
                Some(order) => (0, order),
                None => (1, place),
            }
        }
        Meant::Input(place) => (2, place),
        Meant::Output(place) => (3, place),
    }
}

/// Frames in the order in which they are drawn: each before those in it.
fn frames(frames: &[Frame]) -> Vec<Frame> {
    let ids: HashSet<&str> = frames.iter().map(|frame| frame.id.as_str()).collect();
    let (mut open, mut below) = (Vec::new(), HashMap::<&str, Vec<&Frame>>::new());
    for frame in frames.iter().rev() {
        match frame
            .parent
            .as_deref()
            .filter(|parent| ids.contains(parent))
        {
            Some(parent) => below.entry(parent).or_default().push(frame),
            None => open.push(frame),
        }
    }
    let mut ordered = Vec::with_capacity(frames.len());
    while let Some(frame) = open.pop() {
        ordered.push(frame.clone());
        open.extend(below.remove(frame.id.as_str()).unwrap_or_default());
    }
    // Those that lie in themselves have no beginning; the checklist tells them.
    let left = frames.iter().filter(|frame| {
        frame
            .parent
            .as_deref()
            .is_some_and(|parent| below.contains_key(parent))
    });
    ordered.extend(left.cloned());
    for frame in &mut ordered {
        frame.color = frame.color.map(|color| color.map(single));
    }
    ordered
}
