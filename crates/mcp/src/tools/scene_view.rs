//! `scene_view`: a picture of an editor's viewport.

use serde_json::{Value, json};
use vibesync_protocol::{DEFAULT_SIDE, PICTURE_SIDE, ViewRequest};
use vibesync_scene::{Look, Uuid};

use super::tool::{Call, Hints, Tool, field};
use super::window::{EDITOR, MAX_OBJECTS, editor, refusal};
use crate::answer::without_nulls;
use crate::daemon::Fault;
use crate::schema::Kind;
use crate::schema::Shape::{Integer, Text};

pub(super) const TOOL: Tool = Tool {
    name: "scene_view",
    title: "Look at the viewport",
    about: "A picture of an editor's viewport, up to 6 a minute. Changes nothing there.",
    hints: Hints {
        is_idempotent: false,
        ..Hints::READ
    },
    input: &[
        EDITOR,
        field(
            "look",
            Kind::Word(Look::NAMES),
            "view: as the person sees it (default)",
        ),
        field(
            "frame",
            Kind::Uuids(MAX_OBJECTS),
            "Objects to show whole; default all",
        ),
        field(
            "size",
            Kind::Integer(PICTURE_SIDE.0 as u64, PICTURE_SIDE.1 as u64),
            "Longer side, default 768",
        ),
    ],
    output: &[
        ("width", Integer),
        ("height", Integer),
        ("editor", Text),
        ("camera", Text),
        ("seq", Integer),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let look = call.arguments.text("look").and_then(Look::of_name);
    let size = call.arguments.integer("size");
    let request = ViewRequest {
        request_id: Uuid::new_v4(),
        editor: editor(call)?,
        look: look.unwrap_or_default(),
        frame: call.arguments.uuids("frame"),
        size: size.map_or(DEFAULT_SIDE, |size| {
            u32::try_from(size).unwrap_or(DEFAULT_SIDE)
        }),
    };
    let answer = call.daemon.view(&request, call.wait)?;
    if let Some(error) = answer.error {
        return Err(refusal(error));
    }
    let Some(picture) = answer.picture else {
        let message = "the daemon sent no picture";
        return Err(Fault::new(
            vibesync_scene::Code::ResultUnusable,
            "",
            message,
        ));
    };
    call.show(picture);
    let camera = Some(answer.camera).filter(|name| !name.is_empty());
    Ok(without_nulls(json!({
        "width": answer.width,
        "height": answer.height,
        "editor": answer.editor,
        "camera": camera,
        "seq": answer.seq,
    })))
}
