//! `history_restore`: brings entities back to an earlier state of the scene.

use serde_json::{Map, Value};
use vibesync_protocol::RestoreRequest;

use super::operation::{
    self, DRY_RUN, LABEL, OPERATION, OUTPUT, WAIT_MS, add_rows, operation_id, planned,
};
use super::tool::{Call, Hints, Tool, field};
use crate::daemon::Fault;
use crate::schema::Kind;

pub(super) const TOOL: Tool = Tool {
    name: "history_restore",
    title: "Restore an earlier state",
    about: "Brings entities (the whole scene if none is named) back to a commit or @SEQ, as one change. Look at the plan \
            first with dry_run; a person decides about the restore itself.",
    hints: Hints::SET,
    input: &[
        field("to", Kind::Text(64), "Commit id, or @ and a seq"),
        field("uuids", Kind::Uuids(500), ""),
        DRY_RUN,
        LABEL,
        OPERATION,
        WAIT_MS,
    ],
    output: OUTPUT,
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let Some(commit) = arguments.text("to") else {
        return Err(Fault::argument("to", "is missing"));
    };
    let operation_id = operation_id(call);
    let request = RestoreRequest {
        request_id: operation_id.0,
        commit: commit.to_owned(),
        uuids: arguments.uuids("uuids"),
        dry_run: arguments.boolean("dry_run").unwrap_or(false),
        label: arguments
            .text("label")
            .unwrap_or("Agent: restore")
            .to_owned(),
    };
    let (plan, progress) = call.daemon.restore(&request, &operation::wait(call))?;
    let mut answer = match (&progress, &plan) {
        (Some(progress), _) => operation::answer(operation_id, progress, str::to_owned),
        (None, Some(plan)) => planned(operation_id, plan),
        (None, None) => Map::new(),
    };
    if let Some(plan) = &plan {
        add_rows(&mut answer, &plan.changes, plan.total);
    }
    Ok(answer.into())
}
