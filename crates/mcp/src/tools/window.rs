//! The part that `scene_view` and `selection_set` share.

use vibesync_protocol::{ErrorBody, MAX_SELECTED};
use vibesync_scene::Role;

use super::tool::{Call, field};
use crate::daemon::Fault;
use crate::schema::{Field, Kind};

/// Most objects of one call.
pub(super) const MAX_OBJECTS: usize = MAX_SELECTED;

/// The argument that names the editor.
pub(super) const EDITOR: Field = field("editor", Kind::Word(&["blender", "unity"]), "");

/// Returns the editor that a call names.
pub(super) fn editor(call: &Call<'_>) -> Result<Role, Fault> {
    let name = call.arguments.text("editor");
    let mut editors = Role::EDITORS.into_iter();
    let found = editors.find(|role| Some(role.as_str()) == name);
    found.ok_or_else(|| Fault::argument("editor", "is missing"))
}

/// Returns the fault for a request that was refused or failed.
pub(super) fn refusal(error: ErrorBody) -> Fault {
    Fault::new(error.code, error.location, error.message)
}
