//! Pictures of viewports on their way from an editor to a client. They stay in memory, and no blob is made of them.

use vibesync_protocol::{ClientMessage, Code, ErrorBody, MAX_PICTURE, Picture};
use vibesync_scene::Invalid;

use super::upload::{Attachment, Upload};

/// Returns true if the message has a picture.
pub fn has_picture(message: &ClientMessage) -> bool {
    matches!(message, ClientMessage::ViewResult(_))
}

/// Checks number and length of the attachments of a picture before they arrive.
pub fn check_lengths(message: &ClientMessage, lengths: &[usize]) -> Result<(), Invalid> {
    match lengths {
        [length] if *length > MAX_PICTURE => {}
        [] | [_] => return Ok(()),
        _ => {}
    }
    match has_picture(message) {
        true => {
            let message = format!("a picture is one attachment of at most {MAX_PICTURE} bytes");
            Err(Invalid::new(Code::ResultUnusable, "picture", message))
        }
        false => Ok(()),
    }
}

/// Replaces the picture of a message by an error. Its attachments are not read.
pub fn refuse(message: &mut ClientMessage, invalid: Invalid) {
    if let ClientMessage::ViewResult(result) = message {
        result.error = Some(ErrorBody::from(invalid));
    }
}

/// Puts the attachment of a message into it.
pub fn take(message: &mut ClientMessage, upload: Upload) {
    if let ClientMessage::ViewResult(result) = message {
        let mut attachments = upload.finish();
        result.picture = attachments.pop().map(Attachment::into_bytes).map(Picture);
    }
}
