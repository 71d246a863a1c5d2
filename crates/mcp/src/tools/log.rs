//! `log`: records of the transaction log, newest first.

use serde_json::{Value, json};
use vibesync_scene::{Code, OperationId};

use super::tool::{CURSOR, Call, Hints, Tool, limit, older};
use crate::answer::without_nulls;
use crate::daemon::{Fault, LogLine, LogRequest};
use crate::escape;
use crate::schema::Shape::{Integer, Objects, Text};
use crate::schema::{Field, Kind};

/// Most characters of the text of a record.
const MAX_LINE: usize = 400;

/// Most entities that a row names.
const MAX_UUIDS: usize = 3;

/// The phases, as the log writes them.
const PHASES: &[&str] = &[
    "BEGIN",
    "STEP",
    "PROVISIONAL",
    "FINAL",
    "COMMIT",
    "ROLLBACK",
    "QUARANTINE",
    "DELIVER",
    "CONSULT",
    "REFUSED",
    "AGENT",
    "APPROVAL",
    "FAILURE",
    "RESET",
    "SAFEMODE",
    "SESSION",
    "BOOT",
    "SHUTDOWN",
    "MIGRATE",
    "RECOVER",
];

pub(super) const TOOL: Tool = Tool {
    name: "log",
    title: "Transaction log",
    about: "Log records, newest first; answers why something failed, was refused or was undone. A page may be empty and \
            still have next.",
    hints: Hints::READ,
    input: &[
        Field {
            name: "uuid",
            kind: Kind::Uuid,
            about: "",
        },
        Field {
            name: "operation_id",
            kind: Kind::Uuid,
            about: "",
        },
        Field {
            name: "code",
            kind: Kind::Text(16),
            about: "Error, such as VS-4001",
        },
        Field {
            name: "phase",
            kind: Kind::Word(PHASES),
            about: "",
        },
        Field {
            name: "max_age_s",
            kind: Kind::Integer(1, u64::MAX),
            about: "Age in seconds",
        },
        limit(100),
        CURSOR,
    ],
    output: &[("seq", Integer), ("rows", Objects), ("next", Text)],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let code = arguments.text("code").map(str::parse::<Code>).transpose();
    let page = call.daemon.log(&LogRequest {
        uuid: arguments.uuid("uuid"),
        operation: arguments.uuid("operation_id").map(OperationId),
        code: code.map_err(|why| Fault::argument("code", why))?,
        phase: arguments.parse("phase"),
        max_age_s: arguments.integer("max_age_s"),
        before: call.position()?,
        limit: call.limit(30) as usize,
    })?;
    Ok(older(call, &page, |line| line.seq, row))
}

fn row(line: &LogLine) -> Value {
    without_nulls(json!({
        "seq": line.seq,
        "time": line.time,
        "phase": line.phase,
        "code": line.code,
        "operation_id": line.operation,
        "uuids": Some(&line.uuids)
            .filter(|uuids| !uuids.is_empty())
            .map(|uuids| uuids.iter().take(MAX_UUIDS).collect::<Vec<_>>()),
        "more_uuids": line.uuids.len().checked_sub(MAX_UUIDS).filter(|more| *more > 0),
        "text": escape(&line.text, MAX_LINE),
    }))
}
