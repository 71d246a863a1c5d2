//! The trace of a run, line by line, if somebody asked for it.

use std::fmt::Write;

use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::{Change, Code, Payload, RecordBody, Uuid};
use vibesync_store::wal::WalError;

/// The lines so far; none if nobody asked.
#[derive(Debug, Default)]
pub struct Trace(Option<String>);

impl Trace {
    /// Makes a trace that keeps its lines.
    pub fn listening() -> Self {
        Self(Some(String::new()))
    }

    /// Adds a line.
    pub fn say(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.0 {
            // Writing into memory cannot fail.
            let _ = writeln!(lines, "{}", line());
        }
    }

    /// Returns all lines.
    pub fn into_text(self) -> String {
        self.0.unwrap_or_default()
    }
}

/// Abbreviates a uuid: the uuids of a run are small numbers.
fn short(uuid: Uuid) -> String {
    format!("#{}", uuid.as_u128())
}

fn change(change: &Change) -> String {
    let uuid = short(change.uuid());
    let Some(components) = change.components() else {
        return format!("delete {uuid}");
    };
    let op = match change {
        Change::Create { .. } => "create",
        _ => "update",
    };
    let mut text = format!("{op} {uuid}");
    for name in components.present() {
        let _ = write!(text, " {name}");
    }
    if let Some(transform) = &components.transform {
        let _ = write!(text, " x={}", transform.translation[0]);
    }
    if let Some(parent) = components.parent.and_then(|parent| parent.uuid) {
        let _ = write!(text, " under {}", short(parent));
    }
    text
}

/// Abbreviates a record.
pub fn record(seq: u64, record: &RecordBody) -> String {
    let what = match &record.payload {
        Payload::Begin { origin, path, .. } => format!("{} {path:?}", origin.as_str()),
        Payload::Step { change: it, .. } => change(it),
        Payload::End { begin, .. } => format!("of {begin} {:?}", record.outcome),
        Payload::Quarantine { change: it, .. } => change(it),
        Payload::Presence { role, presence } => format!("{} {presence}", role.as_str()),
        Payload::Session {
            role, connected, ..
        } => format!("{} connected: {connected}", role.as_str()),
        _ => format!("{:?}", record.outcome),
    };
    format!("    log {seq} {:?} {what}", record.phase)
}

/// Abbreviates a message of the daemon.
pub fn said(message: &DaemonMessage) -> String {
    match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            seq,
            error,
            ..
        } => {
            let code = error.as_ref().map(|error| error.code);
            format!("ack {} {status:?} {seq} {code:?}", short(operation_id.0))
        }
        DaemonMessage::Apply {
            changes, reason, ..
        } => {
            let changes = changes
                .iter()
                .map(|it| format!("{} at {}", change(&it.change), it.version));
            format!(
                "apply {reason:?}: {}",
                changes.collect::<Vec<_>>().join(", ")
            )
        }
        DaemonMessage::Notice { code, uuids, .. } => {
            let uuids: Vec<_> = uuids.iter().map(|uuid| short(*uuid)).collect();
            format!("notice {code:?} {}", uuids.join(" "))
        }
        DaemonMessage::Outcome {
            operation_id,
            phase,
            ..
        } => format!("outcome {} {phase:?}", short(operation_id.0)),
        DaemonMessage::Sync {
            head_seq,
            want,
            owed,
        } => format!("sync at {head_seq}, wants {}, owes {owed}", want.len()),
        other => format!("{other:?}"),
    }
}

/// Abbreviates a message of an editor.
pub fn heard(message: &ClientMessage) -> String {
    match message {
        ClientMessage::Intent(intent) => {
            let changes: Vec<_> = intent.changes.iter().map(change).collect();
            let (id, base) = (short(intent.operation_id.0), intent.base_seq);
            format!("intent {id} on {base}: {}", changes.join(", "))
        }
        ClientMessage::Applied { results, .. } => {
            let uuids: Vec<_> = results.iter().map(|it| short(it.uuid)).collect();
            format!("applied {}", uuids.join(" "))
        }
        ClientMessage::Inventory { entities, .. } => {
            let held = entities.iter();
            let held: Vec<_> = held
                .map(|it| format!("{} at {}", short(it.uuid), it.version))
                .collect();
            format!("inventory {}", held.join(", "))
        }
        ClientMessage::Capabilities(_) => "list of add-ons".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Returns an error text that is the same each time: the disk's own errors name temporary files with random numbers.
pub fn error(error: &WalError) -> String {
    match error.code() {
        Code::LogDamaged => error.to_string(),
        code => format!("{code}: {}", code.title()),
    }
}
