//! Writes a graph as `graph_json`. The same graph always gives the same bytes.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::model::{Graph, Link, Setting, Settings};

/// Writes one line, for machines.
pub fn compact(graph: &Graph) -> String {
    to_line(graph)
}

/// Writes a line for each node, link, frame and node's settings, for people.
pub fn pretty(graph: &Graph) -> String {
    let mut parts = Vec::new();
    let mut head = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            parts.push(format!("  {}: {}", to_line(key), to_line(value)));
        }
    };
    head("blender", &graph.blender);
    head("name", &graph.name);
    for (key, sockets) in [("inputs", &graph.inputs), ("outputs", &graph.outputs)] {
        if let Some(sockets) = sockets {
            parts.push(list_member(key, sockets));
        }
    }
    parts.push(list_member("nodes", &graph.nodes));
    parts.push(list_member("links", &graph.links));
    let settings = graph.settings.iter();
    let settings = settings.map(|it| {
        format!(
            "    {}: {}",
            to_line(&it.node),
            to_line(&SettingsMap(&it.values))
        )
    });
    let settings = join_lines(settings);
    parts.push(format!("  \"node_settings\": {{{settings}}}"));
    if !graph.frames.is_empty() {
        parts.push(list_member("frames", &graph.frames));
    }
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

fn list_member(key: &str, values: &[impl Serialize]) -> String {
    let values = join_lines(values.iter().map(|value| format!("    {}", to_line(value))));
    format!("  \"{key}\": [{values}]")
}

/// Joins values between brackets: one in each line, or nothing.
fn join_lines(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    match values.is_empty() {
        true => String::new(),
        false => format!("\n{}\n  ", values.join(",\n")),
    }
}

/// Writes a value as JSON in one line.
pub(crate) fn to_line(value: &(impl Serialize + ?Sized)) -> String {
    // Cannot fail: keys are texts, and numbers are finite.
    serde_json::to_string(value).unwrap_or_default()
}

/// The settings of a node, written as an object.
pub(crate) struct SettingsMap<'a>(pub &'a [Setting]);

impl Serialize for SettingsMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|it| (&it.key, &it.value)))
    }
}

/// The settings of all nodes, written as an object by node id.
struct NodeSettings<'a>(&'a [Settings]);

impl Serialize for NodeSettings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|it| (&it.node, SettingsMap(&it.values))))
    }
}

impl Serialize for Link {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut link = serializer.serialize_struct("Link", 4)?;
        link.serialize_field("from", &self.from.node)?;
        link.serialize_field("from_socket", &self.from.socket)?;
        link.serialize_field("to", &self.to.node)?;
        link.serialize_field("to_socket", &self.to.socket)?;
        link.end()
    }
}

impl Serialize for Graph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in [("blender", &self.blender), ("name", &self.name)] {
            if let Some(value) = value {
                map.serialize_entry(key, value)?;
            }
        }
        for (key, sockets) in [("inputs", &self.inputs), ("outputs", &self.outputs)] {
            if let Some(sockets) = sockets {
                map.serialize_entry(key, sockets)?;
            }
        }
        map.serialize_entry("nodes", &self.nodes)?;
        map.serialize_entry("links", &self.links)?;
        map.serialize_entry("node_settings", &NodeSettings(&self.settings))?;
        if !self.frames.is_empty() {
            map.serialize_entry("frames", &self.frames)?;
        }
        map.end()
    }
}
