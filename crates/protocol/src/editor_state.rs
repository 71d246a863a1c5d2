//! The state of an editor, which messages and the status name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The activity that an editor reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum EditorState {
    Ready,
    Modal,
    Edit,
    Playing,
    Reloading,
    Compiling,
    Loading,
    Saving,
    Unfocused,
    Background,
}

impl EditorState {
    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EditorState::Ready => "ready",
            EditorState::Modal => "modal",
            EditorState::Edit => "edit",
            EditorState::Playing => "playing",
            EditorState::Reloading => "reloading",
            EditorState::Compiling => "compiling",
            EditorState::Loading => "loading",
            EditorState::Saving => "saving",
            EditorState::Unfocused => "unfocused",
            EditorState::Background => "background",
        }
    }
}
