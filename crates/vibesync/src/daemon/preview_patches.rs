//! Patches of positions in previews, on their way from one editor to the other. They stay in memory, and no blob is made
//! of them.

use tokio_util::bytes::Bytes;
use vibesync_protocol::{ClientMessage, MAX_POSITION_BYTES, Patch, PositionPatch, PreviewChange};

use super::upload::{Attachment, Upload};

/// Returns true if the message is a preview with vertices of meshes.
pub fn has_patches(message: &ClientMessage) -> bool {
    match message {
        ClientMessage::Preview { changes, .. } => changes.iter().any(|it| it.positions.is_some()),
        _ => false,
    }
}

/// Returns true if the message is a preview with more bytes than a preview may have. They are not read, and its vertices
/// are refused without them.
pub fn is_too_large(message: &ClientMessage, lengths: &[usize]) -> bool {
    matches!(message, ClientMessage::Preview { .. })
        && lengths.iter().sum::<usize>() > MAX_POSITION_BYTES
}

/// Puts the attachments of a preview into it.
pub fn take(message: &mut ClientMessage, upload: Upload) {
    let ClientMessage::Preview { changes, .. } = message else {
        return;
    };
    let attachments = upload.finish();
    let patches: Vec<Bytes> = attachments
        .into_iter()
        .map(Attachment::into_bytes)
        .collect();
    for positions in positions_mut(changes) {
        let patch = patches.get(positions.attachment as usize);
        positions.patch = Patch(patch.cloned().unwrap_or_default());
    }
}

/// Numbers the attachments of a preview, and returns them.
pub fn attach(changes: &mut [PreviewChange]) -> Vec<Bytes> {
    let mut attached = Vec::new();
    for (number, positions) in (0..).zip(positions_mut(changes)) {
        positions.attachment = number;
        attached.push(positions.patch.0.clone());
    }
    attached
}

fn positions_mut(changes: &mut [PreviewChange]) -> impl Iterator<Item = &mut PositionPatch> {
    changes.iter_mut().filter_map(|it| it.positions.as_mut())
}
