//! The parts of a catalogue, as `nodes.json` has them.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::model::{Item, Value};

/// A type of node.
#[derive(Debug, Deserialize)]
pub struct NodeType {
    /// What Blender calls it: `GeometryNodeMeshCone`.
    pub identifier: String,
    /// What people read: `Cone`.
    pub label: String,
    /// Where the Add menu has it: `Mesh > Primitives`.
    #[serde(default)]
    pub category: String,
    /// What it does, in Blender's words.
    #[serde(default)]
    pub description: String,
    /// What can be set beside inputs.
    #[serde(default)]
    pub properties: Vec<Property>,
    /// The inputs of all its variants, in Blender's order.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// The outputs of all its variants, in Blender's order.
    #[serde(default)]
    pub outputs: Vec<Output>,
    /// Which sockets there are for which properties; all of them, always, where there is nothing.
    #[serde(default)]
    pub variants: Option<Variants>,
    /// Collections of items that make sockets.
    #[serde(default)]
    pub items: Vec<Collection>,
    /// Which half of which zone it is.
    #[serde(default)]
    pub zone: Option<Zone>,
    /// What Blender says whenever it is evaluated in a modifier: it is for tools alone.
    #[serde(default)]
    pub error: Option<String>,
}

/// A property of a node.
#[derive(Debug, Deserialize)]
pub struct Property {
    /// Its name in Blender's API: `fill_type`.
    pub identifier: String,
    /// What values it takes.
    #[serde(rename = "type")]
    pub kind: PropertyKind,
    /// What it is on a new node.
    #[serde(default)]
    pub default: Option<Value>,
    /// For enumerations: the identifiers it may have.
    #[serde(default)]
    pub items: Vec<String>,
    /// The smallest number.
    #[serde(default)]
    pub min: Option<f64>,
    /// The largest number.
    #[serde(default)]
    pub max: Option<f64>,
    /// For a pointer: the kind of datablock.
    #[serde(default)]
    pub of: Option<String>,
}

/// What values a property takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Input {
    /// What people read, and links say.
    pub name: String,
    /// What tells inputs of the same name apart.
    pub identifier: String,
    /// Type, without subtype: `NodeSocketFloat`.
    pub idname: String,
    /// Takes a field; without, one linked to it makes the link invalid.
    #[serde(default)]
    pub supports_field: bool,
    /// Takes any number of links.
    #[serde(default)]
    pub multi_input: bool,
    /// Without a link or a value the node does nothing.
    #[serde(default)]
    pub required: bool,
    /// Is a field by itself while nothing is linked to it.
    #[serde(default)]
    pub implicit_field: bool,
    /// Its value on a new node.
    #[serde(default)]
    pub default: Option<Value>,
    /// The smallest number that Blender keeps.
    #[serde(default)]
    pub min: Option<f64>,
    /// The largest number that Blender keeps.
    #[serde(default)]
    pub max: Option<f64>,
    /// The items of a menu that brings its own.
    #[serde(default)]
    pub menu: Vec<String>,
}

/// An output of a node.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Output {
    /// What people read, and links say.
    pub name: String,
    /// What tells outputs of the same name apart.
    pub identifier: String,
    /// Type, without subtype.
    pub idname: String,
    /// When it is a field.
    #[serde(default)]
    pub field: FieldOf,
    /// Its value on a new node, where the output itself holds the node's value.
    #[serde(default)]
    pub default: Option<Value>,
    /// The smallest number that Blender keeps.
    #[serde(default)]
    pub min: Option<f64>,
    /// The largest number that Blender keeps.
    #[serde(default)]
    pub max: Option<f64>,
}

/// When an output is a field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum FieldOf {
    /// Always or never.
    Known(bool),
    /// When one of these inputs, by identifier, is.
    Inputs(Vec<String>),
}

impl Default for FieldOf {
    fn default() -> Self {
        FieldOf::Known(false)
    }
}

/// Which sockets there are for which values of the properties that decide it.
#[derive(Debug, Deserialize)]
pub struct Variants {
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
#[derive(Debug, Deserialize)]
pub struct VariantSet {
    /// Values of the deciding properties, a combination each.
    pub when: Vec<Vec<Value>>,
    /// Indices of the inputs that there are.
    pub inputs: Vec<usize>,
    /// Indices of the outputs that there are.
    pub outputs: Vec<usize>,
}

/// Half of a zone.
#[derive(Debug, Deserialize)]
pub struct Zone {
    /// The type of the other half.
    pub partner: String,
    /// Which half this is.
    pub side: Side,
}

/// A side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Input.
    Input,
    /// Output.
    Output,
}

/// A collection of items on a node, each of which makes sockets.
#[derive(Debug, Deserialize)]
pub struct Collection {
    /// Its name in Blender's API: `repeat_items`.
    pub collection: String,
    /// From the socket types that its items may have to what Blender's API calls them.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
    /// Whether items have names of their own.
    #[serde(default)]
    pub named: bool,
    /// The property that decides the type of all items; without, each has its own.
    #[serde(default)]
    pub type_from: Option<String>,
    /// The items of a new node.
    #[serde(default)]
    pub default: Vec<Item>,
    /// The sockets that each item makes.
    #[serde(default)]
    pub makes: Vec<Made>,
    /// The sockets that an item makes which comes after one for geometry, where those differ.
    #[serde(default)]
    pub makes_after_geometry: Option<Vec<Made>>,
}

/// A socket that an item makes.
#[derive(Debug, Deserialize)]
pub struct Made {
    /// On which node.
    pub node: MadeOn,
    /// On which side of it.
    pub side: Side,
    /// How many of the sockets that are always there come before.
    pub at: usize,
    /// An input: takes a field.
    #[serde(default)]
    pub supports_field: bool,
    /// An input: is a field by itself while nothing is linked to it.
    #[serde(default)]
    pub implicit_field: bool,
    /// An input: the outputs that it makes fields.
    #[serde(default)]
    pub feeds: Vec<String>,
    /// An output: when it is a field.
    #[serde(default)]
    pub field: FieldOf,
}

/// Which node gets a socket of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MadeOn {
    /// The one that has the item.
    #[serde(rename = "self")]
    Own,
    /// The other half of its zone.
    Partner,
}
