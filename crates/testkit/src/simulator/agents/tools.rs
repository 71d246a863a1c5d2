//! The add-on of each editor.

use std::collections::BTreeMap;

use vibesync_protocol::{ClientMessage, EditorCommand};
use vibesync_scene::{OperationId, Role, Uuid};

use crate::fakes::addons::{FakeAddon, addon_list};

/// The add-on of an editor.
pub struct Tools {
    /// The add-on.
    pub addon: FakeAddon,
    /// Calls that the editor has, oldest first, with the operation of their changes.
    pub running: Vec<(EditorCommand, Option<OperationId>)>,
    /// Entities that the tools have made, by call.
    pub made: BTreeMap<Uuid, Vec<Uuid>>,
}

impl Tools {
    /// Makes the add-on of an editor.
    pub fn new(role: Role) -> Self {
        let id = match role {
            Role::Blender => "stone_maker",
            _ => "brick_maker",
        };
        Self {
            addon: FakeAddon::with_id(id),
            running: Vec::new(),
            made: BTreeMap::new(),
        }
    }

    /// Returns the list that the editor sends.
    pub fn list(&self) -> ClientMessage {
        ClientMessage::Capabilities(addon_list(std::slice::from_ref(&self.addon)))
    }
}
