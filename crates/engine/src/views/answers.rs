//! Answers to the clients that look or select.

use vibesync_protocol::{
    DaemonMessage, ErrorBody, Picture, SelectAnswer, SelectResult, ViewAnswer, ViewResult,
};
use vibesync_scene::{Code, Invalid, Role, truncate_text};

use super::state::{Request, Wish};

/// Returns the answer to a request that has no result.
pub(crate) fn failed(request: &Request, error: ErrorBody, seq: u64) -> DaemonMessage {
    let request_id = request.id;
    match request.wish {
        Wish::View { .. } => {
            let result = ViewResult {
                request_id,
                error: Some(error),
                ..ViewResult::default()
            };
            viewed(request.editor, result, None, seq)
        }
        Wish::Select { .. } => {
            let result = SelectResult {
                request_id,
                error: Some(error),
                ..SelectResult::default()
            };
            selected(request.editor, result, seq)
        }
    }
}

/// Returns the answer with a picture, or with the error of the result.
pub(crate) fn viewed(
    editor: Role,
    result: ViewResult,
    picture: Option<Picture>,
    seq: u64,
) -> DaemonMessage {
    DaemonMessage::ViewResult(Box::new(ViewAnswer {
        request_id: result.request_id,
        editor,
        width: result.width,
        height: result.height,
        camera: result.camera,
        error: result.error,
        seq,
        picture,
    }))
}

/// Returns the answer with a selection, or with the error of the result.
pub(crate) fn selected(editor: Role, result: SelectResult, seq: u64) -> DaemonMessage {
    DaemonMessage::SelectResult(Box::new(SelectAnswer {
        request_id: result.request_id,
        editor,
        selected: result.selected,
        error: result.error,
        seq,
    }))
}

/// Returns the error for a client, with the help of its code.
pub(crate) fn error(invalid: Invalid) -> ErrorBody {
    let help = invalid.code.help().to_owned();
    ErrorBody {
        help,
        ..ErrorBody::from(invalid)
    }
}

/// Returns an editor's error as a client gets it: of bounded length.
pub(crate) fn editor_error(error: ErrorBody) -> ErrorBody {
    let ErrorBody {
        code,
        message,
        location,
        ..
    } = error;
    ErrorBody {
        code,
        message: truncate_text(message),
        location: truncate_text(location),
        help: code.help().to_owned(),
    }
}

/// Returns the error of an editor that did not answer in time.
pub(crate) fn late() -> ErrorBody {
    let message = "the editor did not answer in time";
    error(Invalid::new(Code::EditorUnable, "editor", message))
}

/// Returns the error of an editor that is gone.
pub(crate) fn gone() -> ErrorBody {
    let message = "the editor was closed before it answered";
    error(Invalid::new(Code::EditorUnable, "editor", message))
}
