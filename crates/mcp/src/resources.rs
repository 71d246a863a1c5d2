//! Resources: addresses of what tools answer, for clients that let people attach them.

use serde_json::{Map, Value, json};
use vibesync_scene::Uuid;

use crate::daemon::{Daemon, Fault};
use crate::{capabilities, tools};

/// A resource in a list: address, name and description.
pub type Listed = (&'static str, &'static str, &'static str);

/// The resources with a fixed address.
pub const LISTED: &[Listed] = &[
    (
        "vibesync://scene/tree",
        "Scene tree",
        "Two levels of the object tree; next continues it in scene_describe",
    ),
    (
        "vibesync://history",
        "History",
        "The newest changes of the scene",
    ),
    (
        "vibesync://log/tail",
        "Log",
        "The newest records of the transaction log",
    ),
    (
        "vibesync://capabilities",
        "Add-ons",
        "Add-ons and whether their tools can be called",
    ),
    (
        "vibesync://capabilities/context",
        "Add-ons in words",
        "The tools of add-ons that a person has allowed, as a text",
    ),
];

/// The resources whose address names an entity.
pub const TEMPLATES: &[Listed] = &[
    (
        "vibesync://scene/tree/{uuid}",
        "Part of the tree",
        "Two levels below an object",
    ),
    (
        "vibesync://entity/{uuid}",
        "Entity",
        "Everything about one entity",
    ),
];

/// Number of records in a resource.
const RECORDS: u64 = 30;

/// A resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Two levels of the tree below an object; none for the scene.
    Tree(Option<Uuid>),
    /// One entity.
    Entity(Uuid),
    /// The newest changes.
    History,
    /// The newest records.
    LogTail,
    /// The add-ons.
    Capabilities,
    /// The text about the add-ons.
    Context,
}

impl Resource {
    /// Parses an address; none if there is no such resource.
    pub fn parse(uri: &str) -> Option<Self> {
        let path = uri.strip_prefix("vibesync://")?;
        match path {
            "scene/tree" => Some(Resource::Tree(None)),
            "history" => Some(Resource::History),
            "log/tail" => Some(Resource::LogTail),
            "capabilities" => Some(Resource::Capabilities),
            "capabilities/context" => Some(Resource::Context),
            _ => {
                let (kind, uuid) = path.rsplit_once('/')?;
                // The hyphenated form alone, so that an entity has one address.
                let uuid: Uuid = uuid
                    .parse()
                    .ok()
                    .filter(|it: &Uuid| it.to_string() == uuid)?;
                match kind {
                    "scene/tree" => Some(Resource::Tree(Some(uuid))),
                    "entity" => Some(Resource::Entity(uuid)),
                    _ => None,
                }
            }
        }
    }

    /// Reads the resource. May block for seconds.
    pub fn read(self, daemon: &dyn Daemon) -> Result<Value, Fault> {
        let (tool, arguments) = match self {
            Resource::Context => return Ok(capabilities::context(&daemon.capabilities()?).into()),
            Resource::Capabilities => ("list_capabilities", json!({})),
            Resource::Tree(None) => ("scene_describe", json!({"depth": 1})),
            Resource::Tree(Some(root)) => ("scene_describe", json!({"depth": 1, "root": root})),
            Resource::Entity(uuid) => {
                ("scene_describe", json!({"uuids": [uuid], "detail": "full"}))
            }
            Resource::History => ("history", json!({"limit": RECORDS})),
            Resource::LogTail => ("log", json!({"limit": RECORDS})),
        };
        let arguments = match arguments {
            Value::Object(arguments) => arguments,
            _ => Map::new(),
        };
        let tool = tools::find(tool);
        let tool = tool.ok_or_else(|| Fault::argument("uri", "no such resource"))?;
        tool.read(daemon, arguments)
    }

    /// Returns true if a change of the scene or the log may show in the resource.
    pub fn is_changed_by(self, change: &Change) -> bool {
        match self {
            // Permissions and sessions of editors are records.
            Resource::History | Resource::LogTail | Resource::Capabilities | Resource::Context => {
                true
            }
            Resource::Tree(_) => change.more || !change.uuids.is_empty(),
            Resource::Entity(uuid) => change.more || change.uuids.contains(&uuid),
        }
    }
}

/// A step of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The entities that changed.
    pub uuids: Vec<Uuid>,
    /// Whether further entities changed.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_names_one_resource_or_none() {
        let uuid = Uuid::from_u128(7);
        assert_eq!(
            Resource::parse(&format!("vibesync://entity/{uuid}")),
            Some(Resource::Entity(uuid))
        );
        assert_eq!(
            Resource::parse(&format!("vibesync://scene/tree/{uuid}")),
            Some(Resource::Tree(Some(uuid)))
        );
        for (uri, _, _) in LISTED {
            assert!(Resource::parse(uri).is_some(), "{uri}");
        }
        for wrong in [
            "",
            "vibesync://",
            "vibesync://entity/",
            "vibesync://entity/../scene/tree",
            "vibesync://entity/{uuid}",
            "vibesync://scene/tree/",
            "file:///etc/passwd",
            &format!("vibesync://entity/{}", uuid.simple()),
            &format!("vibesync://x/entity/{uuid}"),
        ] {
            assert_eq!(Resource::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn entity_resource_changes_with_its_entity_alone() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let change = Change {
            uuids: vec![one],
            more: false,
        };
        assert!(Resource::Entity(one).is_changed_by(&change));
        assert!(!Resource::Entity(other).is_changed_by(&change));
        assert!(Resource::Tree(None).is_changed_by(&change));
        // A record without entities, such as that of a session.
        assert!(!Resource::Tree(None).is_changed_by(&Change::default()));
        assert!(Resource::LogTail.is_changed_by(&Change::default()));
        let more = Change {
            more: true,
            ..Change::default()
        };
        assert!(Resource::Entity(other).is_changed_by(&more));
    }
}
