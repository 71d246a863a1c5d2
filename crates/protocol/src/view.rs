//! Messages about an editor's window: pictures of its viewport, and its selection.

use std::fmt;

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{Look, Role};

use crate::error_body::ErrorBody;

/// Least and most pixels of the longer side of a picture.
pub const PICTURE_SIDE: (u32, u32) = (256, 1_280);

/// Pixels of the longer side if a request names none.
pub const DEFAULT_SIDE: u32 = 768;

/// Most bytes of a picture.
pub const MAX_PICTURE: usize = 4 << 20;

/// Most entities that a picture shows whole, or that a selection has.
pub const MAX_SELECTED: usize = 200;

/// A PNG: the attachment of a message, and no part of its header.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Picture(pub Bytes);

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

fn default_side() -> u32 {
    DEFAULT_SIDE
}

/// A client's request for a picture of an editor's viewport.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewRequest {
    /// Chosen by the sender; the answer carries it.
    pub request_id: Uuid,
    /// The editor.
    pub editor: Role,
    /// The direction.
    #[serde(default)]
    pub look: Look,
    /// Objects to show whole; everything that is shown for none. At most [`MAX_SELECTED`].
    #[serde(default)]
    pub frame: Vec<Uuid>,
    /// Pixels of the longer side, within [`PICTURE_SIDE`].
    #[serde(default = "default_side")]
    pub size: u32,
}

/// The request for a picture on its way to an editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditorView {
    /// The request.
    pub request_id: Uuid,
    /// The direction.
    pub look: Look,
    /// Objects to show whole.
    pub frame: Vec<Uuid>,
    /// Pixels of the longer side.
    pub size: u32,
    /// Time that is left for the answer, milliseconds.
    pub deadline_ms: u64,
}

/// An editor's picture, as the attachment, or the reason why there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewResult {
    /// The request.
    pub request_id: Uuid,
    /// Pixels in a row; 0 without a picture.
    #[serde(default)]
    pub width: u32,
    /// Rows; 0 without a picture.
    #[serde(default)]
    pub height: u32,
    /// The name of the camera; empty for the viewport.
    #[serde(default)]
    pub camera: String,
    /// The reason why there is no picture.
    #[serde(default)]
    pub error: Option<ErrorBody>,
    /// The picture.
    #[serde(skip)]
    pub picture: Option<Picture>,
}

/// The daemon's answer to a request for a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ViewAnswer {
    /// The request.
    pub request_id: Uuid,
    /// The editor.
    pub editor: Role,
    /// Pixels in a row; 0 without a picture.
    pub width: u32,
    /// Rows; 0 without a picture.
    pub height: u32,
    /// The name of the camera; empty for the viewport.
    pub camera: String,
    /// The reason why there is no picture.
    #[serde(default)]
    pub error: Option<ErrorBody>,
    /// Sequence of the newest record.
    pub seq: u64,
    /// The picture.
    #[serde(skip)]
    pub picture: Option<Picture>,
}

/// An agent's request to select objects in an editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectRequest {
    /// Chosen by the sender; the answer carries it.
    pub request_id: Uuid,
    /// The editor.
    pub editor: Role,
    /// The objects, and no others; none clears the selection. At most [`MAX_SELECTED`].
    pub uuids: Vec<Uuid>,
}

/// The request to select on its way to an editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditorSelect {
    /// The request.
    pub request_id: Uuid,
    /// The objects.
    pub uuids: Vec<Uuid>,
    /// Time that is left for the answer, milliseconds.
    pub deadline_ms: u64,
}

/// The selection that an editor reads back, or the reason why it did not select.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectResult {
    /// The request.
    pub request_id: Uuid,
    /// The selected objects.
    #[serde(default)]
    pub selected: Vec<Uuid>,
    /// The reason why it did not select.
    #[serde(default)]
    pub error: Option<ErrorBody>,
}

/// The daemon's answer to a request to select.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SelectAnswer {
    /// The request.
    pub request_id: Uuid,
    /// The editor.
    pub editor: Role,
    /// The selected objects.
    pub selected: Vec<Uuid>,
    /// The reason why it did not select.
    #[serde(default)]
    pub error: Option<ErrorBody>,
    /// Sequence of the newest record.
    pub seq: u64,
}
