//! The parts of a catalogue, as in `nodes.json`.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::model::{Item, Value};

/// A type of node.
#[derive(Debug, Deserialize, Serialize)]
pub struct NodeType {
    /// Name in Blender's API: `GeometryNodeMeshCone`.
    pub identifier: String,
    /// Title in Blender's user interface: `Cone`.
    pub label: String,
    /// Path in the Add menu: `Mesh > Primitives`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub category: String,
    /// Blender's own description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Properties, which can be set in addition to inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
    /// The inputs of all variants, in Blender's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
    /// The outputs of all variants, in Blender's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// The sockets that a node has for each value of its properties; `None` if it always has all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variants: Option<Variants>,
    /// Collections of items; each item makes sockets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Collection>,
    /// The zone, for a type that is one half of a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// The error of Blender if a modifier evaluates the node: the type is for tools only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A property of a node.
#[derive(Debug, Deserialize, Serialize)]
pub struct Property {
    /// Name in Blender's API: `fill_type`.
    pub identifier: String,
    /// The values that it accepts.
    #[serde(rename = "type")]
    pub kind: PropertyKind,
    /// The value on a new node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// For an enumeration: the identifiers of its items.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// For a pointer: the kind of datablock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// The values that a property accepts.
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
    /// Name in the user interface; links use it.
    pub name: String,
    /// Distinguishes inputs with the same name.
    pub identifier: String,
    /// Socket type without subtype: `NodeSocketFloat`.
    pub idname: String,
    /// Accepts a field. Otherwise a linked field makes the link invalid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_field: bool,
    /// Accepts a volume grid. Otherwise a linked grid makes the link invalid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_grid: bool,
    /// Accepts only a volume grid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub requires_grid: bool,
    /// Accepts any number of links.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub multi_input: bool,
    /// The node does nothing without a link or a value here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Is a field while nothing is linked to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit_field: bool,
    /// Value on a new node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Smallest number that Blender stores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest number that Blender stores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// For a menu with items of its own: those items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<Vec<String>>,
}

/// An output of a node.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Output {
    /// Name in the user interface; links use it.
    pub name: String,
    /// Distinguishes outputs with the same name.
    pub identifier: String,
    /// Socket type without subtype.
    pub idname: String,
    /// Condition under which the output is a field.
    #[serde(default, skip_serializing_if = "FieldRule::is_never")]
    pub field: FieldRule,
    /// Is also a field if the linked value comes from the group's inputs.
    #[serde(skip)]
    pub sticky: bool,
    /// Condition under which the output is a volume grid. `None`: if one of the inputs of `field` is a grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<FieldRule>,
    /// Value on a new node, for an output that holds the value of its node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Smallest number that Blender stores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest number that Blender stores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// Condition under which an output is a field (or a volume grid).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum FieldRule {
    /// Always or never.
    Known(bool),
    /// If one of these inputs, by identifier, is one.
    Inputs(Vec<String>),
}

impl FieldRule {
    fn is_never(&self) -> bool {
        *self == FieldRule::Known(false)
    }
}

impl Default for FieldRule {
    fn default() -> Self {
        FieldRule::Known(false)
    }
}

/// The sockets of a node for each combination of values of its deciding properties.
#[derive(Debug, Deserialize, Serialize)]
pub struct Variants {
    /// The node that has the properties: the node itself, or the other half of its zone.
    #[serde(default, skip_serializing_if = "ZoneHalf::is_own")]
    pub of: ZoneHalf,
    /// The deciding properties, in the order in which they must be set.
    pub by: Vec<String>,
    /// The sets of sockets, each with its combinations of values.
    pub sets: Vec<VariantSet>,
    /// From a combination of values to the index of its set; built by `Catalogue::read`.
    #[serde(skip)]
    pub(super) index: HashMap<Vec<String>, usize>,
}

impl Variants {
    /// Returns the set for a combination of values; `None` if Blender refuses the combination.
    pub fn set(&self, values: &[String]) -> Option<&VariantSet> {
        self.sets.get(*self.index.get(values)?)
    }
}

/// A set of sockets.
#[derive(Debug, PartialEq, Deserialize, Serialize)]
pub struct VariantSet {
    /// Combinations of values of the deciding properties.
    pub when: Vec<Vec<Value>>,
    /// Indices of the inputs in this set.
    pub inputs: Vec<usize>,
    /// Indices of the outputs in this set.
    pub outputs: Vec<usize>,
}

/// Half of a zone.
#[derive(Debug, Deserialize, Serialize)]
pub struct Zone {
    /// The type of the other half.
    pub partner: String,
    /// The half.
    pub side: Side,
}

/// The side of a socket on its node, or of a node in its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Input.
    Input,
    /// Output.
    Output,
}

/// A collection of items on a node; each item makes sockets.
#[derive(Debug, Deserialize, Serialize)]
pub struct Collection {
    /// Name in Blender's API: `repeat_items`.
    pub collection: String,
    /// The socket types that items can have, and the name of each in Blender's API.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// Whether items have names; otherwise they are numbered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named: bool,
    /// The property that decides the type of all items. `None`: each item has its own type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_from: Option<String>,
    /// The items of a new node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default: Vec<Item>,
    /// The sockets that each item makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub makes: Vec<ItemSocket>,
    /// The sockets that each item makes after a geometry item, if they differ from `makes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes_after_geometry: Option<Vec<ItemSocket>>,
}

/// A socket that an item makes.
#[derive(Debug, Deserialize, Serialize)]
pub struct ItemSocket {
    /// The node that gets the socket.
    pub node: ZoneHalf,
    /// The side of that node.
    pub side: Side,
    /// Socket type, if it is not the type of the item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idname: Option<String>,
    /// Number of fixed sockets that come before it.
    pub at: usize,
    /// For an input: accepts a field.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_field: bool,
    /// For an input: accepts a volume grid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub supports_grid: bool,
    /// For an input: is a field while nothing is linked to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub implicit_field: bool,
    /// For an input: the outputs that become fields if it is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub feeds: Vec<String>,
    /// For an output: condition under which it is a field.
    #[serde(default, skip_serializing_if = "FieldRule::is_never")]
    pub field: FieldRule,
    /// For an output: is also a field if the value linked to its item comes from the group's inputs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sticky: bool,
    /// For an output: condition under which it is a volume grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grid: Option<FieldRule>,
}

/// A half of a zone, seen from one of its two nodes. A node outside of zones is its own half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneHalf {
    /// The node itself.
    #[default]
    #[serde(rename = "self")]
    Own,
    /// The other half of its zone.
    Partner,
}

impl ZoneHalf {
    fn is_own(&self) -> bool {
        *self == ZoneHalf::Own
    }
}
