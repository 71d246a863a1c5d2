//! Encodes messages without attachments for a client.

use vibesync_protocol::{DaemonMessage, add_frame};
use vibesync_scene::Components;

/// Bytes that are reserved for a message without attachments; most are smaller.
const SMALL_FRAME: usize = 512;

/// Returns true if the message names blobs.
pub fn needs_blobs(message: &DaemonMessage) -> bool {
    let DaemonMessage::Apply { changes, .. } = message else {
        return false;
    };
    let components = changes.iter().filter_map(|it| it.change.components());
    components.flat_map(Components::blobs).next().is_some()
}

/// Returns true if the frame of the message has no attachments.
pub fn is_plain(message: &DaemonMessage) -> bool {
    let has_picture =
        matches!(message, DaemonMessage::ViewResult(answer) if answer.picture.is_some());
    !has_picture && !needs_blobs(message)
}

/// Encodes a message without attachments.
pub fn plain_frame(message: &DaemonMessage) -> Vec<u8> {
    let mut frame = Vec::with_capacity(SMALL_FRAME);
    add_plain_frame(message, &mut frame);
    frame
}

/// Appends a message without attachments to other frames. Messages are plain data, so this cannot fail. If it did, the
/// client would end the connection at the empty frame.
pub fn add_plain_frame(message: &DaemonMessage, frames: &mut Vec<u8>) {
    let add_header = |frames: &mut Vec<u8>| serde_json::to_writer(frames, message).is_ok();
    if !add_frame(frames, add_header) {
        add_frame(frames, |_| true);
    }
}
