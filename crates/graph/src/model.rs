//! A geometry-node graph as people and agents write it, before it is resolved for a version of Blender.

use serde::{Deserialize, Serialize};

use crate::location::{Location, Position, Subject};

/// A graph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Graph {
    /// Version of Blender: `4.5`.
    pub blender: Option<String>,
    /// Name of the node group.
    pub name: Option<String>,
    /// Inputs of the group, in order. `None`: inferred from the links of the Group Input.
    pub inputs: Option<Vec<Socket>>,
    /// Outputs of the group, in order. `None`: inferred from the links of the Group Output.
    pub outputs: Option<Vec<Socket>>,
    /// Nodes, in the order of the text.
    pub nodes: Vec<Node>,
    /// Links, in the order in which Blender makes them. It decides the order at inputs with several links.
    pub links: Vec<Link>,
    /// `node_settings`: the settings of each node.
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
    /// Default value; only inputs of some types have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Smallest value; only inputs of some types have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// Largest value; only inputs of some types have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// Tooltip.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Position in the text.
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
    /// Title, if it differs from that of the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Items, which give a dynamic node its sockets. `None`: those of a new node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Item>>,
    /// For the input node of a zone: the id of the zone's output node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// Left and upper edge in the node editor: x to the right, y upward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 2]>,
    /// Position in the text.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// An item of a dynamic node; it makes a socket, or an input and an output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Name; empty if the items of the node are numbered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Type: `NodeSocketFloat`. `None`: a property of the node decides it.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub idname: Option<String>,
    /// Collection of the item; needed if the node has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Position in the text.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// One end of a link: a node and a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct End {
    /// The node's id.
    pub node: String,
    /// The socket's name, or its identifier if several sockets have that name.
    pub socket: String,
}

/// A link from an output to an input.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Link {
    /// The output.
    pub from: End,
    /// The input.
    pub to: End,
    /// Position in the text.
    pub at: Option<Position>,
}

impl Node {
    /// Returns the location for diagnostics.
    pub fn location(&self) -> Location {
        Location::from(Subject::Node(self.id.clone())).at(self.at)
    }
}

impl Frame {
    /// Returns the location for diagnostics.
    pub fn location(&self) -> Location {
        Location::from(Subject::Frame(self.id.clone())).at(self.at)
    }
}

impl Socket {
    /// Returns the location for diagnostics about an input of the group.
    pub fn input_location(&self) -> Location {
        Location::from(Subject::Input(self.name.clone())).at(self.at)
    }

    /// Returns the location for diagnostics about an output of the group.
    pub fn output_location(&self) -> Location {
        Location::from(Subject::Output(self.name.clone())).at(self.at)
    }
}

impl Link {
    /// Returns the location for diagnostics; the index is that in `links`.
    pub fn location(&self, index: usize) -> Location {
        Location::from(Subject::Link(index, self.text())).at(self.at)
    }

    /// Describes the link: `n1.Mesh -> n2.Geometry`.
    pub fn text(&self) -> String {
        let Link { from, to, .. } = self;
        format!("{}.{} -> {}.{}", from.node, from.socket, to.node, to.socket)
    }
}

/// The settings of one node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The node's id.
    pub node: String,
    /// Keys and values, in the order of the text.
    pub values: Vec<Setting>,
    /// Position in the text.
    pub at: Option<Position>,
}

/// One setting of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// A property's identifier, or an input's name or identifier.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Position in the text.
    pub at: Option<Position>,
}

/// A frame around nodes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Frame {
    /// Unique among frames and nodes.
    pub id: String,
    /// Title.
    pub label: String,
    /// Red, green, blue and alpha, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<[f64; 4]>,
    /// Ids of the nodes in the frame.
    pub nodes: Vec<String>,
    /// Text that explains the frame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Id of the frame around this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Position in the text.
    #[serde(skip)]
    pub at: Option<Position>,
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// No datablock.
    Null,
    /// True or false; never converted to a number.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number, written with a point or an exponent.
    Float(f64),
    /// An item of an enumeration, a text, the name of a datablock.
    Text(String),
    /// Components of a vector, a rotation or a color.
    List(Vec<Value>),
}

impl Value {
    /// Returns the value as a number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[allow(clippy::cast_precision_loss, reason = "Blender stores 24 bits of it")]
            Value::Int(int) => Some(*int as f64),
            Value::Float(float) => Some(*float),
            _ => None,
        }
    }

    /// Returns the elements, if the value is a list.
    pub fn list(&self) -> Option<&[Value]> {
        match self {
            Value::List(values) => Some(values),
            _ => None,
        }
    }

    /// Returns the value as text without quotes. Variants of a node are indexed by it.
    pub fn token(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Float(value) => value.to_string(),
            Value::Text(value) => value.clone(),
            Value::List(values) => {
                let tokens: Vec<String> = values.iter().map(Value::token).collect();
                format!("[{}]", tokens.join(", "))
            }
        }
    }

    /// Describes the kind of value, for messages.
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
