//! `status`: the daemon and both editors.

use serde_json::{Value, json};
use vibesync_protocol::{EditorStatus, ObjectsInUse, SessionStatus, Status};

use super::tool::{Call, Hints, Tool};
use crate::answer::without_nulls;
use crate::daemon::Fault;
use crate::schema::Shape::{Integer, Object, Objects, Text};

/// Most objects that are named as being edited.
const MAX_EDITED: usize = 20;

pub(super) const TOOL: Tool = Tool {
    name: "status",
    title: "State of the scene and its editors",
    about: "Daemon, scene size and both editors: presence, what a person edits now, undelivered changes, problems. \
            Call first.",
    hints: Hints::READ,
    input: &[],
    output: &[
        ("seq", Integer),
        ("mode", Text),
        ("project", Text),
        ("entities", Integer),
        ("editors", Objects),
        ("open_transactions", Integer),
        ("quarantined", Integer),
        ("lost", Integer),
        ("breakers_open", Integer),
        ("safe_mode", Object),
        ("last_error", Object),
        ("lagging", Text),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    Ok(describe(&call.daemon.status()?))
}

fn describe(status: &Status) -> Value {
    let editors: Vec<Value> = status
        .editors
        .iter()
        .map(|editor| {
            let mut sessions = status.sessions.iter();
            editor_row(editor, sessions.find(|it| it.role == editor.role))
        })
        .collect();
    json!({
        "seq": status.head_seq,
        "mode": "read",
        "project": status.project_id,
        "entities": status.entities,
        "editors": editors,
        "open_transactions": status.open_transactions,
        "quarantined": status.quarantined,
        "lost": status.lost,
        "breakers_open": status.breakers_open,
        "safe_mode": status.safe_mode,
        "last_error": status.last_error.as_ref().map(|it| json!({
            "seq": it.seq,
            "code": it.error.code,
            "message": it.error.message,
            "help": it.error.help,
            "uuids": it.uuids.iter().take(MAX_EDITED).collect::<Vec<_>>(),
        })),
        "lagging": status.lagging,
    })
}

fn editor_row(editor: &EditorStatus, session: Option<&SessionStatus>) -> Value {
    let edited = session.and_then(|session| session.hands.as_ref());
    without_nulls(json!({
        "role": editor.role,
        "state": editor.presence,
        "version": session.map(|it| &it.editor_version),
        "comparing": session.filter(|it| it.comparing).map(|_| true),
        "undelivered": session.map(|it| it.owed + it.in_flight),
        "withheld": session.map(|it| it.withheld).filter(|count| *count > 0),
        "person_edits": edited.map(edited_objects),
        "diverged_after": editor.diverged_after,
    }))
}

fn edited_objects(objects: &ObjectsInUse) -> Value {
    match objects {
        ObjectsInUse::All => "any object".into(),
        ObjectsInUse::Listed(uuids) => json!(uuids.iter().take(MAX_EDITED).collect::<Vec<_>>()),
    }
}
