//! The patches of an intent, and the limit of what they make.

use vibesync_protocol::ClientMessage;
use vibesync_scene::{Buffer, Change, Code, Components, Invalid};
use vibesync_store::blobs::MAX_BLOB;

/// Returns true if a buffer of an intent is a patch.
pub fn has_patches(message: &ClientMessage) -> bool {
    patched_buffers(message).next().is_some()
}

/// Refuses patches that would make more than fits into a frame: each byte of them may stand for many.
pub fn check_patch_sizes(message: &ClientMessage) -> Result<(), Invalid> {
    let sizes = patched_buffers(message).map(|buffer| buffer.bytes);
    match sizes.fold(0, u64::saturating_add) > MAX_BLOB {
        true => {
            let message = "its patches make more than fits into a frame";
            Err(Invalid::new(Code::MeshInvalid, "changes", message))
        }
        false => Ok(()),
    }
}

/// Returns the buffers of an intent that are patches.
fn patched_buffers(message: &ClientMessage) -> impl Iterator<Item = &Buffer> {
    let changes = match message {
        ClientMessage::Intent(intent) => intent.changes.as_slice(),
        _ => &[],
    };
    let components = changes.iter().filter_map(Change::components);
    let buffers = components.flat_map(Components::buffers);
    let buffers = buffers.map(|(_, _, buffer)| buffer);
    buffers.filter(|buffer| buffer.base.is_some())
}
