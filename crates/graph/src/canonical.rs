//! The canonical form of a graph: all inferred parts are written out, with full names, in a fixed order.

use std::collections::{HashMap, HashSet};

use crate::model::{Frame, Graph, Link, Node, Setting, Settings};
use crate::value_type::round_to_f32;
use crate::wiring::{Port, ResolvedNode, SettingTarget, Wire, Wiring, socket_reference};

/// Writes out the interface and the names of sockets, and rounds numbers as Blender does. The canonical form of a
/// canonical graph is the same graph. Parts that the catalogue does not know stay as they are.
pub fn canonical(wiring: &Wiring) -> Graph {
    let graph = wiring.graph;
    Graph {
        blender: graph.blender.clone(),
        name: graph.name.clone(),
        inputs: Some(wiring.inputs.clone()),
        outputs: Some(wiring.outputs.clone()),
        nodes: graph.nodes.iter().map(canonical_node).collect(),
        links: canonical_links(wiring),
        settings: canonical_settings(wiring),
        frames: canonical_frames(&graph.frames),
    }
}

fn canonical_node(node: &Node) -> Node {
    let mut node = node.clone();
    node.position = node.position.map(|position| position.map(round_to_f32));
    node
}

fn canonical_links(wiring: &Wiring) -> Vec<Link> {
    let with_names = |(link, wire): (&Link, Wire)| {
        let mut link = link.clone();
        let output =
            |port: Port| socket_reference(&wiring.resolved.get(port.node)?.outputs, port.socket);
        let input =
            |port: Port| socket_reference(&wiring.resolved.get(port.node)?.inputs, port.socket);
        if let Some(name) = wire.from.and_then(output) {
            link.from.socket = name.to_owned();
        }
        if let Some(name) = wire.to.and_then(input) {
            link.to.socket = name.to_owned();
        }
        link
    };
    wiring.links().map(with_names).collect()
}

/// Returns the settings in the order of the nodes; those of unknown nodes at the end.
fn canonical_settings(wiring: &Wiring) -> Vec<Settings> {
    let position = |settings: &Settings| wiring.node_index(&settings.node).unwrap_or(usize::MAX);
    let mut all: Vec<&Settings> = wiring.graph.settings.iter().collect();
    all.sort_by_key(|settings| position(settings));
    let canonical = |settings: &Settings| {
        let resolved = wiring.node(&settings.node).map(|(_, resolved)| resolved);
        Settings {
            values: canonical_values(&settings.values, resolved),
            ..settings.clone()
        }
    };
    let written = all
        .into_iter()
        .filter(|settings| !settings.values.is_empty());
    written.map(canonical).collect()
}

/// Sorts settings: deciding properties first, then other properties, inputs and outputs, each in Blender's order.
fn canonical_values(values: &[Setting], resolved: Option<&ResolvedNode>) -> Vec<Setting> {
    let Some(resolved) = resolved else {
        return values.to_vec();
    };
    let mut sorted: Vec<_> = values
        .iter()
        .map(|setting| ranked(setting, resolved))
        .collect();
    sorted.sort_by_key(|(rank, _)| *rank);
    sorted.into_iter().map(|(_, setting)| setting).collect()
}

/// Returns a setting with full name and rounded value, and its rank among the settings of the node.
fn ranked(setting: &Setting, resolved: &ResolvedNode) -> ((usize, usize), Setting) {
    let mut setting = setting.clone();
    let Some(target) = resolved.setting_target(&setting.key) else {
        return ((usize::MAX, 0), setting);
    };
    if let Some(value_type) = resolved.value_type(target) {
        setting.value = value_type.normalized(&setting.value);
    }
    let name = match target {
        SettingTarget::Property(_) => None,
        SettingTarget::Input(index) => socket_reference(&resolved.inputs, index),
        SettingTarget::Output(index) => socket_reference(&resolved.outputs, index),
    };
    // A property can have the same name as an input, and the name would then mean the property.
    if let Some(name) = name.filter(|name| resolved.setting_target(name) == Some(target)) {
        setting.key = name.to_owned();
    }
    (rank(target, resolved), setting)
}

fn rank(target: SettingTarget, resolved: &ResolvedNode) -> (usize, usize) {
    match target {
        SettingTarget::Property(index) => {
            let node_type = resolved.node_type;
            let property = node_type.and_then(|node_type| node_type.properties.get(index));
            let variants = node_type.and_then(|node_type| node_type.variants.as_ref());
            let decides = variants.zip(property).and_then(|(variants, property)| {
                variants
                    .by
                    .iter()
                    .position(|name| *name == property.identifier)
            });
            match decides {
                Some(order) => (0, order),
                None => (1, index),
            }
        }
        SettingTarget::Input(index) => (2, index),
        SettingTarget::Output(index) => (3, index),
    }
}

/// Sorts frames in the order in which they are drawn: each before the frames inside it.
fn canonical_frames(frames: &[Frame]) -> Vec<Frame> {
    let ids: HashSet<&str> = frames.iter().map(|frame| frame.id.as_str()).collect();
    let (mut open, mut children) = (Vec::new(), HashMap::<&str, Vec<&Frame>>::new());
    for frame in frames.iter().rev() {
        match frame
            .parent
            .as_deref()
            .filter(|parent| ids.contains(parent))
        {
            Some(parent) => children.entry(parent).or_default().push(frame),
            None => open.push(frame),
        }
    }
    let mut ordered = Vec::with_capacity(frames.len());
    while let Some(frame) = open.pop() {
        ordered.push(frame.clone());
        open.extend(children.remove(frame.id.as_str()).unwrap_or_default());
    }
    // Frames inside themselves are never reached; the rule `frames` reports them.
    let unreached = frames.iter().filter(|frame| {
        frame
            .parent
            .as_deref()
            .is_some_and(|parent| children.contains_key(parent))
    });
    ordered.extend(unreached.cloned());
    for frame in &mut ordered {
        frame.color = frame.color.map(|color| color.map(round_to_f32));
    }
    ordered
}
