//! The parts of a catalogue, as `nodes.json` has them.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::model::{Item, Value};

/// A type of node.
#[derive(Debug, Deserialize, Serialize)]
pub struct NodeType {
    /// What Blender calls it: `GeometryNodeMeshCone`.
    pub identifier: String,
    /// What people read: `Cone`.
    pub label: String,
    /// Where the Add menu has it: `Mesh > Primitives`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// What it does, in Blender's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What can be set beside inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// The inputs of all its variants, in Blender's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// The outputs of all its variants, in Blender's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// Which sockets there are for which properties; all of them, always, where there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variants: Option<Variants>,
    /// Collections of items that make sockets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Collection>,
    /// Which half of which zone it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What Blender says whenever it is evaluated in a modifier: it is for tools alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A property of a node.
#[derive(Debug, Deserialize, Serialize)]
pub struct Property {
    /// Its name in Blender's API: `fill_type`.
    pub identifier: String,
    /// What values it takes.
    #[serde(rename = "type")]
    pub kind: PropertyKind,
    /// What it is on a new node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// For enumerations: the identifiers it may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// For a pointer: the kind of datablock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// What values a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PropertyKind {
    /// One of its items.
    Enum,
    /// Some of its items.
    EnumFlag,
    /// True or false, or a list of them.
    Boolean,
    /// A whole number, or a list of them.
    Int,
    /// A number, or a list of them.
    Float,
    /// A text.
    String,
    /// A datablock, by name.
    Pointer,
}

/// An input of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Input {
    /// What people read, and links say.
    pub name: String,
    /// What tells inputs of the same name apart.
    pub identifier: String,
    /// Type, without subtype: `NodeSocketFloat`.
    pub idname: String,
    /// Takes a field; without, one linked to it makes the link invalid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_field: bool,
    /// Takes a volume grid; without, one linked to it makes the link invalid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_grid: bool,
    /// Takes nothing but a volume grid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requires_grid: bool,
    /// Takes any number of links.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multi_input: bool,
    /// Without a link or a value the node does nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Is a field by itself while nothing is linked to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit_field: bool,
    /// Its value on a new node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The smallest number that Blender keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest number that Blender keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The items of a menu that has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<Vec<String>>,
}

/// An output of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Output {
    /// What people read, and links say.
    pub name: String,
    /// What tells outputs of the same name apart.
    pub identifier: String,
    /// Type, without subtype.
    pub idname: String,
    /// When it is a field.
    #[serde(default, skip_serializing_if = "FieldOf::is_never")]
    pub field: FieldOf,
    /// Is also a field when what comes into it comes from the group's inputs.
    #[serde(skip)]
    pub sticky: bool,
    /// When it is a volume grid; where nothing is said, when one of the inputs is that could make it a field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<FieldOf>,
    /// Its value on a new node, where the output itself holds the node's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// The smallest number that Blender keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The largest number that Blender keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// When an output is a field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum FieldOf {
    /// Always or never.
    Known(bool),
    /// When one of these inputs, by identifier, is.
    Inputs(Vec<String>),
}

impl FieldOf {
    fn is_never(&self) -> bool {
        *self == FieldOf::Known(false)
    }
}

impl Default for FieldOf {
    fn default() -> Self {
        FieldOf::Known(false)
    }
}

/// Which sockets there are for which values of the properties that decide it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Variants {
    /// Whose properties they are: those of the node, or of the other half of its zone.
    #[serde(default, skip_serializing_if = "MadeOn::is_own")]
    pub of: MadeOn,
    /// Those properties, in the order in which they must be set.
    pub by: Vec<String>,
    /// Each set of sockets, with the combinations of values that give it.
    pub sets: Vec<VariantSet>,
    /// From a combination to its set; made when the catalogue is read.
    #[serde(skip)]
    pub(super) index: HashMap<Vec<String>, usize>,
}

impl Variants {
    /// The set of a combination of values; none where Blender refuses it.
    pub fn set(&self, values: &[String]) -> Option<&VariantSet> {
        self.sets.get(*self.index.get(values)?)
    }
}

/// A set of sockets.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
pub struct VariantSet {
    /// Values of the deciding properties, a combination each.
    pub when: Vec<Vec<Value>>,
    /// Indices of the inputs that there are.
    pub inputs: Vec<usize>,
    /// Indices of the outputs that there are.
    pub outputs: Vec<usize>,
}

/// Half of a zone.
#[derive(Debug, Deserialize, Serialize)]
pub struct Zone {
    /// The type of the other half.
    pub partner: String,
    /// Which half this is.
    pub side: Side,
}

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Input.
    Input,
    /// Output.
    Output,
}

/// A collection of items on a node, each of which makes sockets.
#[derive(Debug, Deserialize, Serialize)]
pub struct Collection {
    /// Its name in Blender's API: `repeat_items`.
    pub collection: String,
    /// From the socket types that its items may have to what Blender's API calls them.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// Whether items have names of their own.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named: bool,
    /// The property that decides the type of all items; without, each has its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_from: Option<String>,
    /// The items of a new node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<Item>,
    /// The sockets that each item makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub makes: Vec<Made>,
    /// The sockets that an item makes which comes after one for geometry, where those differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes_after_geometry: Option<Vec<Made>>,
}

/// A socket that an item makes.
#[derive(Debug, Deserialize, Serialize)]
pub struct Made {
    /// On which node.
    pub node: MadeOn,
    /// On which side of it.
    pub side: Side,
    /// Type, where it is not the item's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idname: Option<String>,
    /// How many of the sockets that are always there come before.
    pub at: usize,
    /// An input: takes a field.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_field: bool,
    /// An input: takes a volume grid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_grid: bool,
    /// An input: is a field by itself while nothing is linked to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit_field: bool,
    /// An input: the outputs that it makes fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<String>,
    /// An output: when it is a field.
    #[serde(default, skip_serializing_if = "FieldOf::is_never")]
    pub field: FieldOf,
    /// An output: is also a field when what its item gets comes from the group's inputs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sticky: bool,
    /// An output: when it is a volume grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<FieldOf>,
}

/// Which of the two halves of a zone, or the only node there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MadeOn {
    /// The one that it is about.
    #[default]
    #[serde(rename = "self")]
    Own,
    /// The other half of its zone.
    Partner,
}

impl MadeOn {
    fn is_own(&self) -> bool {
        *self == MadeOn::Own
    }
}
