//! `selection_set`: selects objects in an editor.

use serde_json::{Value, json};
use vibesync_protocol::SelectRequest;
use vibesync_scene::Uuid;

use super::tool::{Call, Hints, Tool, field};
use super::window::{EDITOR, MAX_OBJECTS, editor, refusal};
use crate::daemon::Fault;
use crate::schema::Kind;
use crate::schema::Shape::{Integer, Text, Texts};

pub(super) const TOOL: Tool = Tool {
    name: "selection_set",
    title: "Select objects",
    about: "Selects exactly these objects in an editor, to show them to the person. Never while a person edits.",
    hints: Hints {
        is_read_only: false,
        ..Hints::READ
    },
    input: &[
        EDITOR,
        field(
            "uuids",
            Kind::Uuids(MAX_OBJECTS),
            "Empty clears the selection",
        ),
    ],
    output: &[("selected", Texts), ("editor", Text), ("seq", Integer)],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    if call.arguments.value("uuids").is_none() {
        return Err(Fault::argument("uuids", "is missing"));
    }
    let request = SelectRequest {
        request_id: Uuid::new_v4(),
        editor: editor(call)?,
        uuids: call.arguments.uuids("uuids"),
    };
    let answer = call.daemon.select(&request, call.wait)?;
    match answer.error {
        Some(error) => Err(refusal(error)),
        None => Ok(json!({
            "selected": answer.selected,
            "editor": answer.editor,
            "seq": answer.seq,
        })),
    }
}
