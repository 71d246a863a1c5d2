//! The status in words: a page for a person who looks once, a line for whoever keeps what changed.

use std::fmt::Write;

use serde_json::Value;
use vibesync_scene::{Code, Role};

use crate::error::Error;
use crate::story::Plain;

/// What a person sees.
pub(super) fn page(status: &Value) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write_page(&mut page, status);
    page
}

fn write_page(page: &mut String, status: &Value) -> std::fmt::Result {
    writeln!(page, "project {}", text(status, "project_id"))?;
    writeln!(
        page,
        "sequence {}, {} entities, {} transactions under way",
        number(status, "head_seq"),
        number(status, "entities"),
        number(status, "open_transactions"),
    )?;
    let waiting = number(status, "waiting_intents");
    if waiting > 0 {
        writeln!(
            page,
            "{waiting} changes wait for others to come or to be verified"
        )?;
    }
    let paused = number(status, "paused_intents");
    if paused > 0 {
        writeln!(
            page,
            "{paused} of them are automation's and wait until a person has rested (VS-3014)"
        )?;
    }
    let quarantined = number(status, "quarantined");
    if quarantined > 0 {
        writeln!(
            page,
            "{quarantined} entities are quarantined: people disagree about them (VS-3011)"
        )?;
    }
    if let Some(safe_mode) = status.get("safe_mode").filter(|it| !it.is_null()) {
        writeln!(
            page,
            "safe mode: automation is off, as {} (VS-8003)",
            text(safe_mode, "why")
        )?;
    }
    if let Some(why) = status.get("lagging").and_then(Value::as_str) {
        writeln!(
            page,
            "registry, checkpoints or history lag behind the log, and catch up by themselves: {}",
            Plain(why)
        )?;
    }
    let stopped = number(status, "breakers_open");
    if stopped > 0 {
        writeln!(
            page,
            "{stopped} things are not tried again: vibesync governance show (VS-8001)"
        )?;
    }
    let mut nobody = true;
    for session in sessions(status) {
        nobody = false;
        writeln!(
            page,
            "{:<8} {:<11} {}: {} entities on their way, {} waiting{}",
            text(session, "role"),
            text(session, "state"),
            text(session, "editor_version"),
            number(session, "in_flight"),
            number(session, "owed"),
            match session.get("comparing") {
                Some(Value::Bool(true)) => ", comparing the scenes",
                _ => "",
            },
        )?;
    }
    for editor in away(status) {
        writeln!(
            page,
            "{:<8} {}",
            text(editor, "role"),
            text(editor, "presence")
        )?;
    }
    if nobody {
        writeln!(page, "nobody is connected")?;
    }
    match status.get("last_error").filter(|error| !error.is_null()) {
        None => Ok(()),
        Some(error) => writeln!(
            page,
            "last error, at sequence {}: {}: {}\n  {}",
            number(error, "seq"),
            text(error, "code"),
            text(error, "message"),
            text(error, "help"),
        ),
    }
}

/// What a person sees where there is no status.
pub(super) fn failure(error: &Error) -> String {
    format!("error {error}\n  {}\n", error.code.help())
}

/// One line of `key=value`.
pub(super) fn line(seen: &Result<Value, Error>) -> String {
    let status = match seen {
        Ok(status) => status,
        Err(error) => return format!("daemon={} {}", error.code, Plain(&error.message)),
    };
    let mut line = format!(
        "daemon=ok seq={} entities={} open={} waiting={} quarantined={}",
        number(status, "head_seq"),
        number(status, "entities"),
        number(status, "open_transactions"),
        number(status, "waiting_intents"),
        number(status, "quarantined"),
    );
    let stopped = number(status, "breakers_open");
    if stopped > 0 {
        let _ = write!(line, " stopped={stopped}");
    }
    if status.get("safe_mode").is_some_and(|it| !it.is_null()) {
        line.push_str(" safe_mode=on");
    }
    for role in Role::EDITORS.map(Role::as_str) {
        let session = sessions(status).find(|session| text(session, "role") == role);
        // Writing to a string cannot fail.
        let _ = match session {
            None => {
                let gone = away(status).find(|editor| text(editor, "role") == role);
                let presence = gone.map_or("away".to_owned(), |editor| text(editor, "presence"));
                write!(line, " {role}={presence}")
            }
            Some(session) => write!(
                line,
                " {role}={} in_flight={} owed={}",
                text(session, "state"),
                number(session, "in_flight"),
                number(session, "owed"),
            ),
        };
    }
    if let Some(error) = status.get("last_error").filter(|error| !error.is_null()) {
        let _ = write!(
            line,
            " error={} error_seq={}",
            text(error, "code"),
            number(error, "seq")
        );
    }
    line
}

/// Why there is no status, for machines.
pub(super) fn failure_json(error: &Error) -> Value {
    let code: Code = error.code;
    serde_json::json!({"error": {"code": code, "message": error.message, "place": error.location, "help": code.help()}})
}

/// The status without what only the asking itself brings: the command line's own sessions.
pub(super) fn without_askers(mut status: Value) -> Value {
    let sessions = status.get_mut("sessions").and_then(Value::as_array_mut);
    if let Some(sessions) = sessions {
        sessions.retain(is_client);
    }
    status
}

/// Editors that were here and are not now.
fn away(status: &Value) -> impl Iterator<Item = &Value> {
    let is_here = |role: String| sessions(status).any(|session| text(session, "role") == role);
    editors(status).filter(move |editor| {
        text(editor, "presence") != "absent" && !is_here(text(editor, "role"))
    })
}

fn editors(status: &Value) -> impl Iterator<Item = &Value> {
    let editors = status.get("editors").and_then(Value::as_array);
    editors.into_iter().flatten()
}

fn sessions(status: &Value) -> impl Iterator<Item = &Value> {
    let sessions = status.get("sessions").and_then(Value::as_array);
    sessions
        .into_iter()
        .flatten()
        .filter(|session| is_client(session))
}

fn is_client(session: &Value) -> bool {
    text(session, "role") != Role::Cli.as_str()
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

fn text(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str);
    Plain(text.unwrap_or("?")).to_string()
}
