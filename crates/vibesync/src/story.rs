//! The log for people: a record as one line, an operation as a story. Pure text from entries.

use std::fmt::{self, Write};
use std::time::Duration;

use vibesync_scene::{
    Change, Components, Entity, EntityKind, Finding, Outcome, Path, Payload, Phase, PolicyDecision,
    Role, Uuid, Verdict,
};
use vibesync_store::wal::Entry;

/// Most uuids named in one line.
const NAMED: usize = 3;

/// One record: what happened, then the fields by which records are found again.
pub fn line(entry: &Entry) -> String {
    let Entry {
        seq,
        timestamp,
        process_id,
        version,
        body,
        ..
    } = entry;
    let phase = phase(body.phase);
    let outcome = outcome(body.outcome);
    let mut line = format!(
        "{seq:>6} {timestamp} {phase:<11} {outcome:<11} {}",
        Said(&body.payload)
    );
    line.push_str(" |");
    let mut field = |name: &str, value: &dyn fmt::Display| {
        // Writing to a string cannot fail.
        let _ = write!(line, " {name}={value}");
    };
    if let Some(id) = body.operation_id {
        field("operation", &id);
    }
    if !body.uuids.is_empty() {
        field("uuids", &uuids(&body.uuids));
    }
    if let Some(id) = body.session_id {
        field("session", &id);
    }
    if let Some(code) = body.error_code {
        field("error", &code);
    }
    field("process", process_id);
    field("schema", version);
    line
}

fn uuids(uuids: &[Uuid]) -> String {
    let named = uuids.iter().take(NAMED).map(Uuid::to_string);
    let named = named.collect::<Vec<_>>().join(",");
    match uuids.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named},+{more}"),
    }
}

/// One operation from its BEGIN to its end: who, what, when, how it went. `entries` are its records in order.
pub fn operation(entries: &[Entry]) -> String {
    let mut story = String::new();
    // Writing to a string cannot fail.
    let _ = tell(&mut story, entries);
    story
}

fn tell(story: &mut String, entries: &[Entry]) -> fmt::Result {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    if let Some(id) = first.body.operation_id {
        writeln!(story, "operation {id}")?;
    }
    if let Payload::Begin {
        origin,
        path,
        label,
        base_seq,
        decision,
        ..
    } = &first.body.payload
    {
        let path = match path {
            Path::Fast => "fast",
            Path::Slow => "slow",
        };
        writeln!(
            story,
            "  \"{}\" by {}, {path} path",
            Plain(label),
            origin.as_str()
        )?;
        if let Some(session) = first.body.session_id {
            writeln!(story, "  session {session}, had seen sequence {base_seq}")?;
        }
        let said = decision.as_ref();
        if let Some(said) = said.filter(|said| said.verdict != Verdict::Allow) {
            writeln!(story, "  the log said: {}", Findings(said))?;
        }
    }
    for entry in entries {
        if let Payload::Step { change, before, .. } = &entry.body.payload {
            writeln!(story, "  {}", described(change, before.as_ref()))?;
        }
    }
    let told = entries
        .iter()
        .filter(|entry| entry.body.phase != Phase::Step);
    for entry in told {
        let after = match between(first, entry) {
            Some(after) if entry.seq != first.seq => format!("+{}", Milliseconds(after)),
            _ => String::new(),
        };
        let body = &entry.body;
        let phase = phase(body.phase);
        write!(
            story,
            "  {:>6} {} {after:>12}  {phase:<11} {}",
            entry.seq,
            entry.timestamp,
            outcome(body.outcome)
        )?;
        match &body.payload {
            Payload::End { .. } => write!(story, "{}", End(&body.payload))?,
            payload @ (Payload::Deliver { .. } | Payload::Quarantine { .. }) => {
                write!(story, " {}", Said(payload))?
            }
            _ => {}
        }
        if let Some(code) = body.error_code {
            write!(story, " [{code}: {}]", code.title())?;
        }
        writeln!(story)?;
    }
    writeln!(story, "  {}", ending(first, last))
}

fn ending(first: &Entry, last: &Entry) -> String {
    let took = between(first, last)
        .map_or_else(String::new, |took| format!(" after {}", Milliseconds(took)));
    match last.body.phase {
        Phase::Final | Phase::Commit if is_owed_to_nobody(&last.body.payload) => {
            format!("it stands{took}; it is about nothing that another editor has")
        }
        Phase::Final | Phase::Commit if last.body.outcome == Outcome::Undelivered => {
            format!("it stands{took}; an editor that was away gets it when it returns")
        }
        Phase::Final | Phase::Commit => format!("it stands, verified{took}"),
        Phase::Rollback => format!("it was undone{took}"),
        _ => "it has not ended yet".to_owned(),
    }
}

/// Whether a transaction has ended that no other editor was told of, or will be.
fn is_owed_to_nobody(end: &Payload) -> bool {
    matches!(end, Payload::End { verified_by, undelivered_to, .. } if verified_by.is_empty() && undelivered_to.is_empty())
}

/// `update object "Cube" 0191...: transform`
fn described(change: &Change, before: Option<&Entity>) -> String {
    let uuid = change.uuid();
    let new = change.components();
    let name = new
        .and_then(|components| components.name.as_deref())
        .or_else(|| before.and_then(|entity| entity.components.name.as_deref()));
    let named = name.map_or_else(String::new, |name| format!(" \"{}\"", Plain(name)));
    let kind = |kind: Option<EntityKind>| kind.map_or("entity".to_owned(), |kind| plain(&kind));
    let known = kind(before.map(|entity| entity.kind));
    let components = new.map_or_else(String::new, components);
    match change {
        Change::Create { kind: new, .. } => {
            format!("create {}{named} {uuid}: {components}", kind(Some(*new)))
        }
        Change::Update { .. } => format!("update {known}{named} {uuid}: {components}"),
        Change::Delete { .. } => format!("delete {known}{named} {uuid}"),
    }
}

/// The names of the components that are there.
fn components(components: &Components) -> String {
    let value = serde_json::to_value(components).unwrap_or_default();
    let names = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// What a payload says, on one line.
struct Said<'a>(&'a Payload);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Payload::Begin {
                origin,
                label,
                steps,
                ..
            } => {
                write!(
                    f,
                    "\"{}\" by {}, steps: {steps}",
                    Plain(label),
                    origin.as_str()
                )
            }
            Payload::Step {
                index,
                change,
                before,
            } => {
                write!(f, "{index}: {}", described(change, before.as_ref()))
            }
            Payload::Provisional {} => write!(f, "applied where it was made"),
            Payload::End { begin, .. } => write!(f, "of {begin}{}", End(self.0)),
            Payload::Deliver {
                role,
                reason,
                detail,
            } => {
                write!(f, "to {} ({})", role.as_str(), Plain(reason))?;
                detail
                    .iter()
                    .try_for_each(|detail| write!(f, ": {}", Plain(detail)))
            }
            Payload::Quarantine {
                origin,
                label,
                change,
                ..
            } => {
                write!(
                    f,
                    "\"{}\" by {}, not done: {}",
                    Plain(label),
                    origin.as_str(),
                    described(change, None)
                )
            }
            Payload::Consult {
                origin,
                label,
                decision,
                ..
            } => {
                let origin = origin.as_str();
                write!(
                    f,
                    "\"{}\" by {origin}, not done: {}",
                    Plain(label),
                    Findings(decision)
                )
            }
            Payload::Failure {
                at, counts, detail, ..
            } => {
                at.iter()
                    .try_for_each(|at| write!(f, "in {}: ", at.as_str()))?;
                write!(f, "{}", Plain(detail))?;
                let opens = counts.iter().filter(|counted| counted.opens);
                opens
                    .into_iter()
                    .try_for_each(|it| write!(f, "; stops {}", it.scope))
            }
            Payload::Reset {
                scope, who, why, ..
            } => write!(f, "{scope} by {}: {}", Plain(who), Plain(why)),
            Payload::SafeMode { why } => write!(f, "automation is off: {}", Plain(why)),
            Payload::Steady {} => write!(f, "running well"),
            Payload::Session {
                role,
                connected,
                detail,
            } => {
                let what = if *connected { "connected" } else { "left" };
                write!(f, "{} {what}: {}", role.as_str(), Plain(detail))
            }
            Payload::Presence { role, presence } => {
                write!(f, "{} is {}", role.as_str(), Plain(presence))
            }
            Payload::Boot {
                daemon_version,
                last_shutdown_clean,
                ..
            } => {
                let after = if *last_shutdown_clean {
                    "a clean stop"
                } else {
                    "no clean stop"
                };
                write!(f, "vibesync {} after {after}", Plain(daemon_version))
            }
            Payload::Shutdown {} => write!(f, "stopped"),
            Payload::Migrate { what, from, to } => {
                write!(f, "{}: version {to} after {from}", Plain(what))
            }
        }
    }
}

/// `block: entity:... (VS-4005 in record 12)`
struct Findings<'a>(&'a PolicyDecision);

impl fmt::Display for Findings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", plain(&self.0.verdict))?;
        for Finding { scope, code, seq } in &self.0.findings {
            write!(f, ", {scope} ({code} in record {seq})")?;
        }
        Ok(())
    }
}

/// `, by unity` and what else the end of a transaction says.
struct End<'a>(&'a Payload);

impl fmt::Display for End<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Payload::End {
            verified_by,
            undelivered_to,
            detail,
            ..
        } = self.0
        else {
            return Ok(());
        };
        roles(f, "by", verified_by)?;
        roles(f, "owed to", undelivered_to)?;
        detail
            .iter()
            .try_for_each(|detail| write!(f, ", {}", Plain(detail)))
    }
}

/// Text from outside, on one line and without anything that a terminal would obey.
pub struct Plain<'a>(pub &'a str);

impl fmt::Display for Plain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        self.0.chars().map(clean).try_for_each(|c| f.write_char(c))
    }
}

fn roles(f: &mut fmt::Formatter<'_>, what: &str, roles: &[Role]) -> fmt::Result {
    if roles.is_empty() {
        return Ok(());
    }
    let names = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    write!(f, ", {what} {}", names.join(" and "))
}

fn between(first: &Entry, then: &Entry) -> Option<Duration> {
    let time = |entry: &Entry| humantime::parse_rfc3339(&entry.timestamp).ok();
    time(then)?.duration_since(time(first)?).ok()
}

/// A duration in milliseconds, to the microsecond.
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ms", self.0.as_secs_f64() * 1e3)
    }
}

fn phase(phase: Phase) -> String {
    plain(&phase)
}

fn outcome(outcome: Outcome) -> String {
    plain(&outcome)
}

/// A unit variant as it is written in the log.
pub fn plain(value: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
