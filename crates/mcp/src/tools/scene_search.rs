//! `scene_search`: finds entities.

use serde_json::{Value, json};
use vibesync_protocol::{FoundEntity, Near, QueryResult, Question, Search};
use vibesync_scene::{EntityKind, Uuid};

use super::tool::{CURSOR, Call, Hints, Tool, limit, unexpected};
use crate::answer::{rounded, take_rows, without_nulls};
use crate::daemon::Fault;
use crate::escape;
use crate::schema::Shape::{Integer, Objects, Text};
use crate::schema::{Field, Kind};
use crate::text::MAX_NAME;

/// The components that agents may see: all but the guard.
const COMPONENTS: &[&str] = &[
    "name",
    "transform",
    "visibility",
    "parent",
    "data",
    "mesh",
    "nodes",
];

pub(crate) const ROLES: &[&str] = &["blender", "unity", "agent", "cli"];

pub(super) const TOOL: Tool = Tool {
    name: "scene_search",
    title: "Find entities",
    about: "Entities that meet all given conditions, by uuid: name, parent, world position (meters, Y up), last change. \
            Address entities by uuid, never by name.",
    hints: Hints::READ,
    input: &[
        Field {
            name: "text",
            kind: Kind::Text(200),
            about: "Part of the name, any case",
        },
        Field {
            name: "kind",
            kind: Kind::Word(EntityKind::NAMES),
            about: "",
        },
        Field {
            name: "under",
            kind: Kind::Uuid,
            about: "Only below this object",
        },
        Field {
            name: "has",
            kind: Kind::Word(COMPONENTS),
            about: "Component it has",
        },
        Field {
            name: "changed_by",
            kind: Kind::Word(ROLES),
            about: "Last writer",
        },
        Field {
            name: "since_seq",
            kind: Kind::Integer(0, u64::MAX),
            about: "Changed after this seq",
        },
        Field {
            name: "visible",
            kind: Kind::Boolean,
            about: "",
        },
        Field {
            name: "near",
            kind: Kind::Vector,
            about: "x, y, z in meters; needs radius",
        },
        Field {
            name: "radius",
            kind: Kind::Positive,
            about: "",
        },
        limit(200),
        CURSOR,
    ],
    output: &[
        ("seq", Integer),
        ("total", Integer),
        ("rows", Objects),
        ("next", Text),
    ],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let near = match (arguments.vector("near"), arguments.number("radius")) {
        (Some(point), Some(radius)) => Some(Near { point, radius }),
        (None, None) => None,
        _ => {
            return Err(Fault::argument(
                "near",
                "needs `radius`, and `radius` needs it",
            ));
        }
    };
    let question = Search {
        text: arguments.text("text").map(str::to_owned),
        kind: arguments.parse("kind"),
        under: arguments.uuid("under"),
        has: arguments.text("has").map(str::to_owned),
        changed_by: arguments.parse("changed_by"),
        since_seq: arguments.integer("since_seq"),
        visible: arguments.boolean("visible"),
        near,
        after: call.position::<Uuid>()?,
        limit: call.limit(50),
    };
    match call.daemon.ask(Question::Search(question))? {
        QueryResult::Search {
            seq,
            total,
            found,
            next,
        } => {
            let (rows, is_all) = take_rows(found.iter().map(row));
            let cut = found.get(rows.len().saturating_sub(1));
            let next = match is_all {
                true => next,
                false => cut.map(|last| last.uuid),
            };
            let next = next.map(|uuid| call.cursors.write(uuid));
            Ok(json!({"seq": seq, "total": total, "rows": rows, "next": next}))
        }
        other => Err(unexpected(&other)),
    }
}

fn row(found: &FoundEntity) -> Value {
    without_nulls(json!({
        "uuid": found.uuid,
        "kind": found.kind,
        "name": found.name.as_ref().map(|name| escape(name, MAX_NAME)),
        "parent": found.parent,
        "data": found.data,
        "version": found.version,
        "by": found.by,
        "visible": found.visible,
        "position": found.position.map(rounded),
        "children": Some(found.children).filter(|count| *count > 0),
    }))
}
