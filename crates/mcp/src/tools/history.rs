//! `history`: the transactions, newest first.

use serde_json::{Value, json};

use super::scene_search::ROLES;
use super::tool::{CURSOR, Call, Hints, Tool, limit, older};
use crate::answer::without_nulls;
use crate::daemon::{Fault, HistoryLine, HistoryRequest};
use crate::escape;
use crate::schema::Shape::{Integer, Objects, Text};
use crate::schema::{Field, Kind};
use crate::text::MAX_NAME;

/// Most entities that a row names.
const MAX_UUIDS: usize = 8;

pub(super) const TOOL: Tool = Tool {
    name: "history",
    title: "History of the scene",
    about: "Changes, newest first: who, label, outcome, entities. A page may be empty and still have next.",
    hints: Hints::READ,
    input: &[
        Field {
            name: "uuid",
            kind: Kind::Uuid,
            about: "Only changes of this entity",
        },
        Field {
            name: "by",
            kind: Kind::Word(ROLES),
            about: "",
        },
        Field {
            name: "since_seq",
            kind: Kind::Integer(0, u64::MAX),
            about: "",
        },
        limit(100),
        CURSOR,
    ],
    output: &[("seq", Integer), ("rows", Objects), ("next", Text)],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let page = call.daemon.history(&HistoryRequest {
        operation: None,
        uuid: arguments.uuid("uuid"),
        by: arguments.parse("by"),
        since_seq: arguments.integer("since_seq"),
        before: call.position()?,
        limit: call.limit(30) as usize,
    })?;
    Ok(older(call, &page, |line| line.seq, row))
}

fn row(line: &HistoryLine) -> Value {
    without_nulls(json!({
        "seq": line.seq,
        "time": line.time,
        "label": escape(&line.label, MAX_NAME),
        "by": line.by,
        "agent": line.agent,
        "operation_id": line.operation,
        "outcome": line.outcome,
        "code": line.code,
        "uuids": Some(&line.uuids)
            .filter(|uuids| !uuids.is_empty())
            .map(|uuids| uuids.iter().take(MAX_UUIDS).collect::<Vec<_>>()),
        "more_uuids": line.uuids.len().checked_sub(MAX_UUIDS).filter(|more| *more > 0),
    }))
}
