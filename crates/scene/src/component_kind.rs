//! The description of a kind of component: what the table of components says about each.

use serde::Serialize;

use crate::entity_kind::EntityKind;
use crate::path::Path;
use crate::reference::Target;

/// One kind of component, as the table describes it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ComponentKind {
    /// Its key on the wire.
    pub name: &'static str,
    /// The kinds of entities that have it.
    pub on: &'static [EntityKind],
    /// Whether an entity may lack it.
    #[serde(rename = "optional")]
    pub is_optional: bool,
    /// The path of a change of it.
    pub path: Path,
    /// When two values of it are equal.
    pub equality: Equality,
    /// Whether an editor may show a value of it while a person works.
    #[serde(rename = "previewed")]
    pub can_preview: bool,
    /// Its fields; none if it is a bare text.
    pub fields: &'static [ComponentField],
    /// Its buffers.
    pub buffers: &'static [BufferKind],
    /// The kinds of the entities that it names; none if it names no others.
    #[serde(skip)]
    pub target: Option<Target>,
    /// The rest of its description in `docs/protocol.md`.
    #[serde(skip)]
    pub note: &'static str,
}

/// One field of a component.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ComponentField {
    /// Its key.
    pub name: &'static str,
    /// Its value, as the documentation writes it.
    pub shape: &'static str,
    /// The unit of its numbers; empty without one.
    pub unit: &'static str,
    /// Whether an editor may show it and be unable to write it.
    #[serde(rename = "lockable")]
    pub can_lock: bool,
}

/// When two values of a component are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Equality {
    /// The same values.
    Exact,
    /// Numbers within epsilon, and rotations up to their sign.
    Near,
    /// Integers exactly, other numbers within epsilon.
    Graph,
    /// The same values at each corner, within epsilon.
    Corners,
    /// The same keys: times within a thousandth of a frame, values within epsilon.
    Keys,
}

/// Buffers of a component that have the same layout.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct BufferKind {
    /// Their names.
    pub names: &'static [&'static str],
    /// The type of a number: `float32`, `uint32` or `byte`.
    pub number: &'static str,
    /// Numbers in an element.
    pub count: u64,
    /// The unit that has an element.
    pub per: Elements,
    /// Whether each entity with the component has it.
    #[serde(rename = "required")]
    pub is_required: bool,
    /// The rest of its description in `docs/protocol.md`.
    #[serde(skip)]
    pub note: &'static str,
}

/// The units that have an element in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Elements {
    /// Each vertex.
    Vertex,
    /// Each corner of a triangle.
    Corner,
    /// Each vertex in a group.
    Membership,
    /// Each byte of a file.
    Byte,
    /// Each key of a curve.
    Key,
    /// Each frame of a locked channel.
    Frame,
}

impl ComponentKind {
    /// Whether entities of this kind may have it.
    pub fn fits(&self, kind: EntityKind) -> bool {
        self.on.contains(&kind)
    }
}
