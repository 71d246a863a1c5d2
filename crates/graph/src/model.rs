//! A geometry-node graph as people and agents write it: what is said, not yet what it means in some Blender.

use serde::{Deserialize, Serialize};

use crate::location::Position;

/// A graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// The version of Blender that it is for: `4.5`.
    pub blender: Option<String>,
    /// The name of the node group.
    pub name: Option<String>,
    /// Inputs of the group, in order; `None` where they are to be concluded from the links of the Group Input.
    pub inputs: Option<Vec<Socket>>,
    /// Outputs of the group, in order; `None` where they are to be concluded from the links of the Group Output.
    pub outputs: Option<Vec<Socket>>,
    /// Nodes, in the order in which they were written.
    pub nodes: Vec<Node>,
    /// Links, in the order in which they are made: it decides the order at multi-input sockets.
    pub links: Vec<Link>,
    /// `node_settings`: for each node, by id, what is set on it.
    pub settings: Vec<Settings>,
    /// Frames.
    pub frames: Vec<Frame>,
}

/// A socket of the group's interface.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Socket {
    /// Name.
    pub name: String,
    /// Type: `NodeSocketFloat`.
    #[serde(rename = "type")]
    pub idname: String,
    /// Default, smallest and largest value; only inputs of some types have them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// See `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// See `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Shown as a tooltip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where it was read.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Node {
    /// Unique in the graph.
    pub id: String,
    /// Type: `GeometryNodeMeshCone`.
    #[serde(rename = "type")]
    pub idname: String,
    /// A title of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What gives a dynamic node its sockets; `None` where it keeps those of a new node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Item>>,
    /// For the input node of a zone: the id of the zone's output node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// Left and upper edge in the editor: x to the right, y upward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 2]>,
    /// Where it was read.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// What gives a dynamic node a socket, or an input and an output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Name; empty where the items of the node are numbered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Type: `NodeSocketFloat`; `None` where the node's properties decide it.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub idname: Option<String>,
    /// Which of the node's collections it belongs to, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Where it was read.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// One end of a link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct End {
    /// The node's id.
    pub node: String,
    /// The socket's name, or its identifier where names are not enough.
    pub socket: String,
}

/// A link from an output to an input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The output.
    pub from: End,
    /// The input.
    pub to: End,
    /// Where it was read.
    pub at: Option<Position>,
}

impl Link {
    /// `n1.Mesh -> n2.Geometry`
    pub fn text(&self) -> String {
        let Link { from, to, .. } = self;
        format!("{}.{} -> {}.{}", from.node, from.socket, to.node, to.socket)
    }
}

/// What is set on one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The node's id.
    pub node: String,
    /// Keys and values, in the order in which they were written.
    pub values: Vec<Setting>,
    /// Where they were read.
    pub at: Option<Position>,
}

/// One value that is set on a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// A property's identifier, or an input's name or identifier.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// Where it was read.
    pub at: Option<Position>,
}

/// A frame around nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Frame {
    /// Unique among frames and nodes.
    pub id: String,
    /// Title.
    pub label: String,
    /// Red, green, blue, alpha from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<[f64; 4]>,
    /// Ids of the nodes in it.
    pub nodes: Vec<String>,
    /// Why the nodes belong together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The id of the frame that this one is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where it was read.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Nothing: a socket for a datablock without one.
    Null,
    /// True or false, which is never a number here.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number that was written with a point or an exponent.
    Float(f64),
    /// An item of an enumeration, a text, the name of a datablock.
    Text(String),
    /// Components of a vector, a rotation or a color.
    List(Vec<Value>),
}

impl Value {
    /// The number that it is, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[allow(clippy::cast_precision_loss, reason = "Blender keeps 24 bits of it")]
            Value::Int(int) => Some(*int as f64),
            Value::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// The values of a list.
    pub fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(values) => Some(values),
            _ => None,
        }
    }

    /// The word that it is written with, without quotes: what variants are told apart by.
    pub fn word(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(value) => value.clone(),
            Value::List(values) => {
                let words: Vec<String> = values.iter().map(Value::word).collect();
                format!("[{}]", words.join(", "))
            }
        }
    }

    /// What it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
        }
    }
}
