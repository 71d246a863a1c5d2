//! `change_wait`: the state of an operation, after a wait for its end.

use serde_json::Value;
use vibesync_scene::{Code, OperationId};

use super::operation::{self, OUTPUT, WAIT_MS};
use super::tool::{Call, Hints, Tool, field};
use crate::daemon::{Fault, HistoryRequest};
use crate::operation::{Progress, State};
use crate::schema::Kind;

pub(super) const TOOL: Tool = Tool {
    name: "change_wait",
    title: "Wait for a change",
    about: "Waits until an operation ends, also after a restart of the daemon. Same states as scene_change.",
    hints: Hints::READ,
    input: &[field("operation_id", Kind::Uuid, ""), WAIT_MS],
    output: OUTPUT,
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let Some(id) = call.arguments.uuid("operation_id").map(OperationId) else {
        return Err(Fault::argument("operation_id", "is missing"));
    };
    let progress = match call.daemon.operation(id, &operation::wait(call))? {
        Some(progress) => progress,
        None => logged(call, id)?,
    };
    let mut answer = operation::answer(id, &progress, str::to_owned);
    if !progress.uuids.is_empty() {
        let uuids = progress.uuids.iter().take(MAX_UUIDS);
        answer.insert("uuids".into(), uuids.map(ToString::to_string).collect());
    }
    Ok(answer.into())
}

/// Most entities that an answer names.
const MAX_UUIDS: usize = 100;

/// Looks for an operation that the daemon has forgotten in the log.
fn logged(call: &Call<'_>, id: OperationId) -> Result<Progress, Fault> {
    let page = call.daemon.history(&HistoryRequest {
        operation: Some(id),
        limit: 1,
        ..HistoryRequest::default()
    })?;
    let Some(line) = page.items.first() else {
        let message = match page.next {
            None => "no operation has this id: it was refused, or never arrived",
            Some(_) => "the newest part of the log has no operation with this id",
        };
        return Err(Fault::argument("operation_id", message).with_help(
            "Read the scene, then call again with the same operation_id if it is not done.",
        ));
    };
    let state = match line.outcome.as_str() {
        "verified" => State::Verified,
        "owed" => State::Owed,
        "rolled_back" => State::RolledBack,
        _ => State::Pending,
    };
    let error = line.code.map(|code: Code| vibesync_protocol::ErrorBody {
        code,
        message: code.title().to_owned(),
        location: String::new(),
        help: code.help().to_owned(),
    });
    Ok(Progress {
        error,
        uuids: line.uuids.clone(),
        ..Progress::new(state, Some(line.seq))
    })
}
