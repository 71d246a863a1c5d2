//! `history_diff`: what differs between two states of the scene.

use serde_json::{Value, json};
use vibesync_scene::Uuid;

use super::tool::{CURSOR, Call, Hints, Tool};
use crate::answer::{size, take_rows, without_nulls};
use crate::daemon::{ChangedEntity, ChangedValue, DiffRequest, Fault};
use crate::escape;
use crate::schema::Shape::{Integer, Objects, Text};
use crate::schema::{Field, Kind};
use crate::text::MAX_NAME;

/// Most values that a row shows.
const MAX_VALUES: usize = 12;

/// Most bytes of a value.
const MAX_VALUE: usize = 300;

pub(super) const TOOL: Tool = Tool {
    name: "history_diff",
    title: "Compare two states",
    about: "Entities and values that differ between two committed states. A state is @SEQ (a seq of history) or a commit id.",
    hints: Hints::READ,
    input: &[
        Field {
            name: "from",
            kind: Kind::Text(64),
            about: "Earlier state; required",
        },
        Field {
            name: "to",
            kind: Kind::Text(64),
            about: "Later state; default newest",
        },
        Field {
            name: "uuids",
            kind: Kind::Uuids(50),
            about: "",
        },
        CURSOR,
    ],
    output: &[
        ("from_seq", Integer),
        ("to_seq", Integer),
        ("total", Integer),
        ("rows", Objects),
        ("next", Text),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let from = arguments.text("from");
    let from = from.ok_or_else(|| Fault::argument("from", "is required: @SEQ or a commit id"))?;
    let after = call.position::<Uuid>()?;
    let diff = call.daemon.diff(&DiffRequest {
        from: from.into(),
        to: arguments.text("to").map(str::to_owned),
        uuids: arguments.uuids("uuids"),
    })?;
    let left: Vec<_> = diff
        .entities
        .iter()
        .filter(|it| after.is_none_or(|after| it.uuid > after))
        .collect();
    let (rows, is_all) = take_rows(left.iter().map(|it| row(it)));
    let cut = left.get(rows.len().saturating_sub(1));
    let next = cut
        .filter(|_| !is_all)
        .map(|it| call.cursors.write(it.uuid));
    Ok(json!({
        "from_seq": diff.from_seq,
        "to_seq": diff.to_seq,
        "total": diff.entities.len(),
        "rows": rows,
        "next": next,
    }))
}

fn row(entity: &ChangedEntity) -> Value {
    let values: Vec<Value> = entity.values.iter().take(MAX_VALUES).map(value).collect();
    without_nulls(json!({
        "uuid": entity.uuid,
        "change": entity.change,
        "kind": entity.kind,
        "name": entity.name.as_ref().map(|name| escape(name, MAX_NAME)),
        "values": Some(values).filter(|values| !values.is_empty()),
        "more_values": entity.values.len().checked_sub(MAX_VALUES).filter(|more| *more > 0),
    }))
}

fn value(value: &ChangedValue) -> Value {
    json!({"path": value.path, "before": bounded(&value.before), "after": bounded(&value.after)})
}

/// Returns a value, or its beginning as text if it is large.
fn bounded(value: &Value) -> Value {
    match size(value) <= MAX_VALUE {
        true => value.clone(),
        false => escape(&value.to_string(), MAX_VALUE).into(),
    }
}
