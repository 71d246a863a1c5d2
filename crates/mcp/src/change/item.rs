//! One change as an agent writes it.

use serde_json::{Map, Value};
use vibesync_scene::{Code, Uuid};

use crate::daemon::Fault;
use crate::schema::{Arguments, Field, Kind};

/// Most vertices of a mesh that a call carries.
const MAX_VERTICES: usize = 2_000;

/// Most triangles of such a mesh.
const MAX_TRIANGLES: usize = 4_000;

/// Longest key, bytes.
const MAX_KEY: usize = 64;

const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about }
}

/// The fields of a change.
pub(crate) const ITEM: &[Field] = &[
    field(
        "op",
        Kind::Word(&["create", "update", "delete", "duplicate"]),
        "",
    ),
    field("uuid", Kind::Uuid, "Entity to update, delete or duplicate"),
    field(
        "key",
        Kind::Text(MAX_KEY),
        "Your name for a new object, for parent and mesh of this call",
    ),
    field("name", Kind::Text(1_020), ""),
    field(
        "parent",
        Kind::Text(MAX_KEY),
        "uuid or key; empty text for none",
    ),
    field("translation", Kind::Vector, ""),
    field("rotation", Kind::Quaternion, "x, y, z, w"),
    field(
        "euler_deg",
        Kind::Vector,
        "Instead of rotation; order of the space",
    ),
    field("scale", Kind::Vector, ""),
    field(
        "relative",
        Kind::Boolean,
        "Add to, turn by, multiply with the present values",
    ),
    field(
        "world",
        Kind::Boolean,
        "Values are of the scene, not of the parent; a new parent keeps the place",
    ),
    field("visible", Kind::Boolean, ""),
    field(
        "primitive",
        Kind::Word(&[
            "cube",
            "plane",
            "uv_sphere",
            "ico_sphere",
            "cylinder",
            "cone",
            "torus",
        ]),
        "",
    ),
    field("size", Kind::Vector, "Meters; default 1, 1, 1"),
    field(
        "segments",
        Kind::Integer(1, 128),
        "Around; of ico_sphere subdivisions",
    ),
    field(
        "mesh",
        Kind::Text(MAX_KEY),
        "Existing mesh, or key of the object that has it",
    ),
    field(
        "positions",
        Kind::Numbers(3 * MAX_VERTICES),
        "Own mesh: x, y, z of each vertex",
    ),
    field(
        "triangles",
        Kind::Indices(3 * MAX_TRIANGLES),
        "Three vertices each, counter-clockwise from the front (unity: clockwise)",
    ),
    field(
        "with_children",
        Kind::Boolean,
        "Delete or duplicate all below, too",
    ),
];

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Create,
    Update,
    Delete,
    Duplicate,
}

/// An entity that a change refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Existing(Uuid),
    Key(String),
    None,
}

/// A checked change.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its position in the call.
    pub at: usize,
    pub op: Op,
    /// The existing entity; none for a creation.
    pub uuid: Option<Uuid>,
    pub fields: Arguments,
}

/// Fields that every operation but deletion has.
const COMMON: [&str; 8] = [
    "name",
    "parent",
    "translation",
    "rotation",
    "euler_deg",
    "scale",
    "world",
    "visible",
];

impl Op {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "create" => Some(Self::Create),
            "update" => Some(Self::Update),
            "delete" => Some(Self::Delete),
            "duplicate" => Some(Self::Duplicate),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Duplicate => "duplicate",
        }
    }

    /// Returns the fields of this operation alone.
    fn own_fields(self) -> &'static [&'static str] {
        match self {
            Self::Create => &[
                "key",
                "primitive",
                "size",
                "segments",
                "mesh",
                "positions",
                "triangles",
            ],
            Self::Update => &["uuid", "relative", "mesh"],
            Self::Delete => &["uuid", "with_children"],
            Self::Duplicate => &["uuid", "key", "relative", "with_children"],
        }
    }

    fn has_field(self, name: &str) -> bool {
        let is_common = self != Self::Delete && COMMON.contains(&name);
        name == "op" || is_common || self.own_fields().contains(&name)
    }
}

impl Item {
    /// Checks one change.
    pub fn read(at: usize, given: Map<String, Value>) -> Result<Self, Fault> {
        let names: Vec<String> = given.keys().cloned().collect();
        let fields = Arguments::check(ITEM, given).map_err(|fault| Fault {
            location: format!("changes[{at}].{}", fault.location),
            ..fault
        })?;
        let item = |op| Self {
            at,
            op,
            uuid: fields.uuid("uuid"),
            fields: fields.clone(),
        };
        let Some(op) = fields.text("op").and_then(Op::parse) else {
            return Err(item(Op::Update).wrong("op", "is missing"));
        };
        let item = item(op);
        for name in names.iter().filter(|name| fields.has(name)) {
            if !op.has_field(name) {
                let message = format!("{} has no such field", op.as_str());
                return Err(item.wrong(name, message));
            }
        }
        if op != Op::Create && item.uuid.is_none() {
            return Err(item.wrong("uuid", format!("{} needs an entity", op.as_str())));
        }
        item.check_combinations()?;
        Ok(item)
    }

    fn check_combinations(&self) -> Result<(), Fault> {
        let fields = &self.fields;
        let excluding = [
            ("rotation", "euler_deg"),
            ("primitive", "mesh"),
            ("primitive", "positions"),
            ("mesh", "positions"),
        ];
        for (one, other) in excluding {
            if fields.has(one) && fields.has(other) {
                return Err(self.wrong(other, format!("leave it out beside `{one}`")));
            }
        }
        let needing = [
            ("positions", "triangles"),
            ("triangles", "positions"),
            ("size", "primitive"),
            ("segments", "primitive"),
        ];
        for (one, other) in needing {
            if fields.has(one) && !fields.has(other) {
                return Err(self.wrong(one, format!("needs `{other}`")));
            }
        }
        if self.op == Op::Update && COMMON.iter().chain(&["mesh"]).all(|name| !fields.has(name)) {
            return Err(self.wrong("", "changes nothing"));
        }
        if fields
            .text("key")
            .is_some_and(|key| key.is_empty() || key.parse::<Uuid>().is_ok())
        {
            return Err(self.wrong("key", "must be a short name of your own, no uuid"));
        }
        Ok(())
    }

    /// Returns an entity that the change refers to; none if the field is missing.
    pub fn reference(&self, name: &str) -> Option<Reference> {
        let text = self.fields.text(name)?;
        Some(match text.parse() {
            Ok(uuid) => Reference::Existing(uuid),
            Err(_) if text.is_empty() => Reference::None,
            Err(_) => Reference::Key(text.to_owned()),
        })
    }

    /// Returns true if it places the entity.
    pub fn moves(&self) -> bool {
        let fields = ["translation", "rotation", "euler_deg", "scale"];
        fields.iter().any(|name| self.fields.has(name))
    }

    pub fn is_set(&self, name: &str) -> bool {
        self.fields.boolean(name).unwrap_or(false)
    }

    /// Returns the place of a field, for errors.
    pub fn location(&self, name: &str) -> String {
        match name {
            "" => format!("changes[{}]", self.at),
            name => format!("changes[{}].{name}", self.at),
        }
    }

    /// Builds the fault for a wrong field.
    pub fn wrong(&self, name: &str, message: impl Into<String>) -> Fault {
        Fault::argument(&self.location(name), message)
    }

    /// Builds a fault with another code.
    pub fn fault(&self, code: Code, name: &str, message: impl Into<String>) -> Fault {
        Fault::new(code, self.location(name), message)
    }
}
