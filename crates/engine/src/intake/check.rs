//! Checks of an intent that do not depend on the scene.

use std::collections::HashSet;

use vibesync_protocol::{Code, Intent, SCHEMA_VERSION};
use vibesync_scene::{Invalid, MAX_TEXT_CHARS, ProjectId};

/// Checks the fields of an intent apart from its changes.
pub(crate) fn check_envelope(
    intent: &Intent,
    project_id: ProjectId,
    head_seq: u64,
    is_syncing: bool,
) -> Result<(), Invalid> {
    let base_seq = intent.base_seq;
    if intent.project_id != project_id {
        let message = "the intent is for another project";
        return Err(Invalid::new(Code::WrongProject, "project_id", message));
    }
    if intent.schema_version != SCHEMA_VERSION {
        let location = "schema_version";
        let message = format!(
            "schema version {} is not {SCHEMA_VERSION}",
            intent.schema_version
        );
        return Err(Invalid::new(Code::VersionUnsupported, location, message));
    }
    if intent.label.chars().count() > MAX_TEXT_CHARS {
        let message = format!("longer than {MAX_TEXT_CHARS} characters");
        return Err(Invalid::new(Code::IntentShape, "label", message));
    }
    if base_seq > head_seq {
        let message = format!("base_seq {base_seq} is ahead of the log at {head_seq}");
        return Err(Invalid::new(Code::SequenceAhead, "base_seq", message));
    }
    if is_syncing {
        let message = "no intent before the inventory is answered";
        return Err(Invalid::new(Code::MessageUnknown, "type", message));
    }
    Ok(())
}

/// Checks that an intent has 1 to `most` changes, and no two of the same entity.
pub(crate) fn check_shape(intent: &Intent, most: usize) -> Result<(), Invalid> {
    let count = intent.changes.len();
    if count == 0 || count > most {
        let message = format!("{count} changes; 1 to {most} are allowed");
        return Err(Invalid::new(Code::IntentShape, "changes", message));
    }
    let mut uuids = HashSet::with_capacity(count);
    let mut changes = intent.changes.iter();
    match changes.position(|change| !uuids.insert(change.uuid())) {
        Some(i) => Err(Invalid::new(
            Code::IntentShape,
            format!("changes[{i}]"),
            "the intent names this uuid twice",
        )),
        None => Ok(()),
    }
}
