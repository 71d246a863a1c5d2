//! A graph as `graph_json`, in the one form that is written: the same graph, the same bytes.

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use crate::model::{Graph, Link, Setting, Settings};

/// One line, for machines.
pub fn compact(graph: &Graph) -> String {
    line(graph)
}

/// For people: a line a node, a link, a frame, a node's settings.
pub fn pretty(graph: &Graph) -> String {
    let mut parts = Vec::new();
    let mut head = |key: &str, value: &Option<String>| {
        if let Some(value) = value {
            parts.push(format!("  {}: {}", line(key), line(value)));
        }
    };
    head("blender", &graph.blender);
    head("name", &graph.name);
    for (key, sockets) in [("inputs", &graph.inputs), ("outputs", &graph.outputs)] {
        if let Some(sockets) = sockets {
            parts.push(list(key, sockets));
        }
    }
    parts.push(list("nodes", &graph.nodes));
    parts.push(list("links", &graph.links));
    let settings = graph.settings.iter();
    let settings =
        settings.map(|it| format!("    {}: {}", line(&it.node), line(&Values(&it.values))));
    let settings = lines(settings);
    parts.push(format!("  \"node_settings\": {{{settings}}}"));
    if !graph.frames.is_empty() {
        parts.push(list("frames", &graph.frames));
    }
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

fn list(key: &str, values: &[impl Serialize]) -> String {
    let values = lines(values.iter().map(|value| format!("    {}", line(value))));
    format!("  \"{key}\": [{values}]")
}

/// Lines between brackets: each its own, or nothing at all.
fn lines(values: impl Iterator<Item = String>) -> String {
    let values: Vec<String> = values.collect();
    match values.is_empty() {
        true => String::new(),
        false => format!("\n{}\n  ", values.join(",\n")),
    }
}

/// JSON on one line.
pub(crate) fn line(value: &(impl Serialize + ?Sized)) -> String {
    // Keys are texts and numbers are finite, so nothing here can fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// What is set on a node, as an object.
pub(crate) struct Values<'a>(pub &'a [Setting]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|it| (&it.key, &it.value)))
    }
}

struct NodeSettings<'a>(&'a [Settings]);

impl Serialize for NodeSettings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|it| (&it.node, Values(&it.values))))
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
