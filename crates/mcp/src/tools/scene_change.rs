//! `scene_change`: creates, updates, deletes and duplicates objects in one transaction.

use serde_json::{Map, Value, json};
use vibesync_protocol::PlannedChange;
use vibesync_scene::{Change, Components, EntityKind, OperationId};

use super::operation::{
    self, BASE_SEQ, DRY_RUN, LABEL, OPERATION, OUTPUT, WAIT_MS, add_rows, operation_id, planned,
};
use super::tool::{Call, Hints, Tool, field};
use crate::answer::size;
use crate::change::{ITEM, Order, SPACES, Space, Translated, translate};
use crate::daemon::Fault;
use crate::operation::Progress;
use crate::schema::Kind;

/// Most bytes of the keys in an answer.
const MAX_KEY_BYTES: usize = 8_000;

/// Most changes in one call.
const MAX_CHANGES: usize = 500;

pub(super) const TOOL: Tool = Tool {
    name: "scene_change",
    title: "Change the scene",
    about: "Creates, updates, deletes, duplicates objects: all or nothing, one undo step, verified in the open editors. \
            state verified: both have it; owed: an editor gets it later; pending: call change_wait; rolled_back: undone.",
    hints: Hints::CHANGE,
    input: &[
        field("changes", Kind::Items(ITEM, MAX_CHANGES), ""),
        LABEL,
        DRY_RUN,
        OPERATION,
        BASE_SEQ,
        field(
            "space",
            Kind::Word(SPACES),
            "Axes of all values; default gltf (Y up)",
        ),
        WAIT_MS,
    ],
    output: OUTPUT,
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let arguments = &call.arguments;
    let changes = arguments.items("changes");
    if changes.is_empty() {
        return Err(Fault::argument("changes", "is missing"));
    }
    let operation_id = operation_id(call);
    let is_dry_run = arguments.boolean("dry_run").unwrap_or(false);
    if !is_dry_run
        && call.begun.note(operation_id, &call_text(call))?
        && let Some(known) = call
            .daemon
            .operation(operation_id, &operation::wait(call))?
    {
        return Ok(operation::answer(operation_id, &known, str::to_owned).into());
    }
    let order = Order {
        operation_id,
        base_seq: arguments.integer("base_seq"),
        label: arguments.text("label").map(str::to_owned),
        space: Space::named(arguments.text("space")),
        changes,
    };
    let translated = translate(call.daemon, order)?;
    if is_dry_run {
        let plan = call.daemon.plan(&translated.request);
        let plan = plan.map_err(|fault| Fault {
            location: translated.location(&fault.location),
            ..fault
        })?;
        let mut answer = planned(operation_id, &plan);
        add_keys(&mut answer, &translated);
        add_rows(&mut answer, &plan.changes, plan.total);
        return Ok(answer.into());
    }
    let wait = operation::wait(call);
    let progress = call.daemon.change(&translated.request, &wait)?;
    Ok(answer(operation_id, &translated, &progress))
}

/// Returns the text that tells this call from others with its operation id.
fn call_text(call: &Call<'_>) -> String {
    let fixed = ["changes", "label", "space"].map(|name| call.arguments.value(name));
    json!(fixed).to_string()
}

fn answer(operation_id: OperationId, translated: &Translated, progress: &Progress) -> Value {
    let mut answer = operation::answer(operation_id, progress, |it| translated.location(it));
    let changes = &translated.request.changes;
    let summary: Vec<PlannedChange> = changes.iter().map(|it| summarize(it, translated)).collect();
    add_keys(&mut answer, translated);
    add_rows(&mut answer, &summary, summary.len() as u64);
    answer.into()
}

/// Adds the entities of the keys, and their number if not all of them fit.
fn add_keys(answer: &mut Map<String, Value>, translated: &Translated) {
    let mut left = MAX_KEY_BYTES;
    let keys = translated.keys.iter().map(|(key, uuid)| (key, json!(uuid)));
    let fitting = keys.take_while(|(key, uuid)| {
        let bytes = size(&json!(key)) + size(uuid) + 2;
        let fits = bytes <= left;
        left = left.saturating_sub(bytes);
        fits
    });
    let fitting: Map<String, Value> = fitting.map(|(key, uuid)| (key.clone(), uuid)).collect();
    if fitting.len() < translated.keys.len() {
        answer.insert("keys_total".into(), translated.keys.len().into());
    }
    if !fitting.is_empty() {
        answer.insert("keys".into(), fitting.into());
    }
}

fn summarize(change: &Change, translated: &Translated) -> PlannedChange {
    let (op, kind) = match change {
        Change::Create { kind, .. } => ("create", *kind),
        Change::Update { .. } => ("update", EntityKind::Object),
        Change::Delete { .. } => ("delete", EntityKind::Object),
    };
    let components = change.components();
    let name = components.and_then(|components| components.name.clone());
    let present = components.map(Components::present).unwrap_or_default();
    PlannedChange {
        uuid: change.uuid(),
        op: op.to_owned(),
        kind,
        name: name.or_else(|| translated.names.get(&change.uuid()).cloned()),
        components: present.into_iter().map(str::to_owned).collect(),
    }
}
