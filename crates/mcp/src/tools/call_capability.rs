//! `call_capability`: calls a tool of an add-on in its editor.

use serde_json::{Map, Value, json};
use vibesync_protocol::{CommandAnswer, CommandProgress};
use vibesync_scene::Uuid;

use super::operation::{self, WAIT_MS};
use super::tool::{Call, Hints, Tool, field};
use crate::answer::error_fields;
use crate::capabilities::{CallRequest, Called};
use crate::daemon::Fault;
use crate::schema::Kind;
use crate::schema::Shape::{Boolean, Integer, Object, Objects, Text, Texts};

pub(super) const TOOL: Tool = Tool {
    name: "call_capability",
    title: "Call an add-on",
    about: "Runs a tool of an add-on in its editor. Same request_id: the same call is followed, never run twice.",
    hints: Hints {
        is_open_world: true,
        ..Hints::CHANGE
    },
    input: &[
        field("addon_id", Kind::Text(64), ""),
        field("tool", Kind::Text(64), ""),
        field("params", Kind::Object, "As describe_capability tells"),
        field(
            "request_id",
            Kind::Uuid,
            "Repeat it to wait for the same call",
        ),
        field("dry_run", Kind::Boolean, "Check only"),
        WAIT_MS,
    ],
    output: &[
        ("request_id", Text),
        ("state", Text),
        ("message", Text),
        ("result", Object),
        ("findings", Objects),
        ("operation_id", Text),
        ("changes", Integer),
        ("output", Text),
        ("taken_back", Boolean),
        ("not_synced", Texts),
        ("seq", Integer),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let text = |name| {
        let given = call.arguments.text(name).map(str::to_owned);
        given.ok_or_else(|| Fault::argument(name, "is missing"))
    };
    let params = call.arguments.value("params").and_then(Value::as_object);
    let request_id = call
        .arguments
        .uuid("request_id")
        .unwrap_or_else(Uuid::new_v4);
    let request = CallRequest {
        addon_id: text("addon_id")?,
        command: text("tool")?,
        params: params.cloned().unwrap_or_default(),
        request_id: Some(request_id),
        dry_run: call.arguments.boolean("dry_run").unwrap_or(false),
        ..CallRequest::default()
    };
    let called = call.daemon.call(&request, &operation::wait(call))?;
    let fields = match called {
        Called::Answered(answer) => answered(*answer),
        Called::Running(progress) => running(&progress),
    };
    let mut fields = fields;
    fields.insert("request_id".into(), request_id.to_string().into());
    Ok(fields.into())
}

fn answered(answer: CommandAnswer) -> Map<String, Value> {
    let state = match answer.error {
        None => "done",
        Some(_) => "failed",
    };
    let mut fields = Map::new();
    let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    put("state", state.into());
    put("result", answer.result);
    put("seq", answer.seq.into());
    if !answer.findings.is_empty() {
        put("findings", answer.findings.into());
    }
    if let Some(operation) = answer.operation_id {
        put("operation_id", operation.to_string().into());
        put("changes", answer.changes.into());
    }
    if !answer.output.is_empty() {
        put("output", answer.output.into());
    }
    if answer.taken_back {
        put("taken_back", true.into());
    }
    if !answer.not_synced.is_empty() {
        put("not_synced", answer.not_synced.into());
    }
    if let Some(error) = answer.error {
        let fault = Fault::new(error.code, error.location, error.message);
        put("error", error_fields(&fault));
    }
    fields
}

fn running(progress: &CommandProgress) -> Map<String, Value> {
    let state = match (progress.approval, progress.state) {
        (Some(_), _) => json!("waits_for_person"),
        (None, state) => json!(state),
    };
    let message = match progress.message.as_str() {
        "" => "call_capability with the same arguments and this request_id waits for it",
        message => message,
    };
    let fields = [("state", state), ("message", message.into())];
    fields
        .map(|(key, value)| (key.to_owned(), value))
        .into_iter()
        .collect()
}
