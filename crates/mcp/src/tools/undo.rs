//! `undo`: takes back what this agent did.

use serde_json::{Value, json};
use vibesync_protocol::LeftOut;
use vibesync_scene::OperationId;

use super::operation::{self, DRY_RUN, LABEL, OPERATION, WAIT_MS, add_rows, operation_id};
use super::tool::{Call, Hints, Tool, field};
use crate::answer::{take_rows, without_nulls};
use crate::daemon::Fault;
use crate::operation::UndoRequest;
use crate::schema::Kind;
use crate::schema::Shape::{Integer, Objects, Text};

/// Most rows of what stays.
const MAX_LEFT_OUT: usize = 30;

pub(super) const TOOL: Tool = Tool {
    name: "undo",
    title: "Take back own work",
    about: "Takes back what you did: operations, or all after since_seq, as one change. What others changed since stays; \
            left_out names it with its reason. dry_run shows the plan.",
    hints: Hints::SET,
    input: &[
        field(
            "operations",
            Kind::Uuids(100),
            "operation_id of your changes",
        ),
        field(
            "since_seq",
            Kind::Integer(0, u64::MAX),
            "Or: all after this seq",
        ),
        DRY_RUN,
        LABEL,
        OPERATION,
        WAIT_MS,
    ],
    output: &[
        ("seq", Integer),
        ("operation_id", Text),
        ("state", Text),
        ("changes", Objects),
        ("total", Integer),
        ("left_out", Objects),
        ("left_out_total", Integer),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let operations = arguments.uuids("operations");
    let since_seq = arguments.integer("since_seq");
    if operations.is_empty() == since_seq.is_none() {
        let message = "name either operations or since_seq";
        return Err(Fault::argument("operations", message));
    }
    let operation_id = operation_id(call);
    let request = UndoRequest {
        operation_id,
        operations: operations.into_iter().map(OperationId).collect(),
        since_seq,
        dry_run: arguments.boolean("dry_run").unwrap_or(false),
        label: arguments.text("label").unwrap_or("Agent: undo").to_owned(),
    };
    let (plan, progress) = call.daemon.undo(&request, &operation::wait(call))?;
    let mut answer = match &progress {
        Some(progress) => operation::answer(operation_id, progress, str::to_owned),
        None => operation::fields([
            ("operation_id", json!(operation_id)),
            ("state", "planned".into()),
        ]),
    };
    if let Some(plan) = &plan {
        let (left_out, left_out_total) = stays(&plan.left_out, plan.left_out_total);
        answer.insert("left_out".into(), left_out);
        answer.insert("left_out_total".into(), left_out_total.into());
        add_rows(&mut answer, &plan.changes, plan.total);
    }
    Ok(answer.into())
}

/// Returns the rows of what stays, and their number if not all of them are shown.
fn stays(left_out: &[LeftOut], total: u64) -> (Value, Option<u64>) {
    let row = |it: &LeftOut| without_nulls(json!(it));
    let (rows, _) = take_rows(left_out.iter().take(MAX_LEFT_OUT).map(row));
    let is_cut = total > rows.len() as u64;
    (rows.into(), is_cut.then_some(total))
}
