//! The common part of the tools that change the scene: arguments, and the answer about an operation.

use std::time::Duration;

use serde_json::{Map, Value, json};
use vibesync_protocol::{ErrorBody, PlannedChange};
use vibesync_scene::{Code, OperationId, Uuid};

use super::tool::{Call, field};
use crate::answer::{error_fields, size, take_rows_beside};
use crate::daemon::Fault;
use crate::escape;
use crate::operation::{Plan, Progress, State};
use crate::schema::Shape::{Integer, Object, Objects, Text, Texts};
use crate::schema::{Field, Kind, Shape};
use crate::text::MAX_NAME;
use crate::wait::Wait;

/// Longest wait, in milliseconds.
const MAX_WAIT: u64 = 25_000;

/// Usual wait, in milliseconds.
const WAIT: u64 = 8_000;

pub(super) const LABEL: Field = field("label", Kind::Text(200), "For the undo history");

pub(super) const DRY_RUN: Field = field("dry_run", Kind::Boolean, "Check and plan, change nothing");

pub(super) const OPERATION: Field = field(
    "operation_id",
    Kind::Uuid,
    "Repeat it to send the same call again",
);

pub(super) const BASE_SEQ: Field = field(
    "base_seq",
    Kind::Integer(0, u64::MAX),
    "seq of the answer in which you read the entities",
);

pub(super) const WAIT_MS: Field = field("wait_ms", Kind::Integer(0, MAX_WAIT), "Default 8000");

/// The fields of an answer about an operation.
pub(super) const OUTPUT: &[(&str, Shape)] = &[
    ("seq", Integer),
    ("operation_id", Text),
    ("state", Text),
    ("changes", Objects),
    ("total", Integer),
    ("keys", Object),
    ("keys_total", Integer),
    ("left_out", Objects),
    ("waits_for", Text),
    ("approval_id", Text),
    ("expires_in_ms", Integer),
    ("uuids", Texts),
];

/// Returns the wait that a call asks for.
pub(super) fn wait(call: &Call<'_>) -> Wait {
    let ms = call.arguments.integer("wait_ms").unwrap_or(WAIT);
    call.wait.at_most(Duration::from_millis(ms))
}

/// Returns the operation of a call: that of the caller, or a new one.
pub(super) fn operation_id(call: &Call<'_>) -> OperationId {
    let given = call.arguments.uuid("operation_id");
    OperationId(given.unwrap_or_else(Uuid::new_v4))
}

/// Adds as many rows of changes as fit beside the other fields, and their number if these are not all.
pub(super) fn add_rows(answer: &mut Map<String, Value>, changes: &[PlannedChange], total: u64) {
    let row = |change: &PlannedChange| {
        json!({
            "uuid": change.uuid,
            "op": change.op,
            "name": change.name.as_ref().map(|name| escape(name, MAX_NAME)),
            "components": change.components,
        })
    };
    let bytes = size(&json!(answer));
    let rows = changes.iter().map(row).map(crate::answer::without_nulls);
    let (rows, is_all) = take_rows_beside(bytes, rows);
    if !is_all || total > changes.len() as u64 {
        answer.insert("total".into(), total.into());
    }
    answer.insert("changes".into(), rows.into());
}

/// Returns the answer about an operation that is only planned, without its changes.
pub(super) fn planned(operation_id: OperationId, plan: &Plan) -> Map<String, Value> {
    let waits_for = plan.waits_for.map(|it| json!(it));
    fields([
        ("seq", plan.seq.into()),
        ("operation_id", json!(operation_id)),
        ("state", "planned".into()),
        ("waits_for", waits_for.into()),
    ])
}

/// Returns the answer about an operation. `location` translates the place of an error.
pub(super) fn answer(
    operation_id: OperationId,
    progress: &Progress,
    location: impl Fn(&str) -> String,
) -> Map<String, Value> {
    let error = progress.error.as_ref().map(|error| {
        let fault = fault(error);
        let location = location(&fault.location);
        error_fields(&Fault { location, ..fault })
    });
    let left_out = (progress.state == State::Quarantined).then(|| {
        let code = Code::Conflict.as_str();
        let row = |uuid| json!({"uuid": uuid, "code": code, "message": Code::Conflict.title()});
        Value::from_iter(progress.uuids.iter().take(50).map(row))
    });
    let approval = progress.approval;
    fields([
        ("seq", progress.seq.into()),
        ("operation_id", json!(operation_id)),
        ("state", progress.state.as_str().into()),
        ("left_out", left_out.into()),
        ("waits_for", progress.waits_for.map(|it| json!(it)).into()),
        (
            "approval_id",
            approval.map(|it| json!(it.approval_id)).into(),
        ),
        ("expires_in_ms", approval.map(|it| it.expires_in_ms).into()),
        ("error", error.into()),
    ])
}

/// Turns an error of the daemon into a fault.
fn fault(error: &ErrorBody) -> Fault {
    let fault = Fault::new(error.code, &*error.location, &*error.message);
    match (error.code, error.help.is_empty()) {
        // The help of these codes is for people at an editor.
        (Code::UuidUnknown | Code::Tombstoned, _) => {
            fault.with_help("Search the scene again; the entity may have been deleted.")
        }
        (_, true) => fault,
        (_, false) => fault.with_help(&*error.help),
    }
}

/// Returns the fields that have a value.
pub(super) fn fields<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    let set = fields.into_iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| (name.to_owned(), value)).collect()
}
