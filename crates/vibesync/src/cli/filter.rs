//! Filters the records of the log.

use std::time::SystemTime;

use vibesync_scene::{AgentName, Change, Code, Components, Payload, Phase, RecordBody};
use vibesync_store::wal::Entry;

use super::id_prefix::IdPrefix;

/// Conditions on a record. A record matches if it meets all that are given.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
pub struct Filter {
    /// Only records of this entity: its uuid, or the first digits
    #[arg(long, value_name = "UUID")]
    pub uuid: Option<IdPrefix>,
    /// Only records of this operation id; or only steps that create, update, delete, or change this component
    #[arg(long, value_name = "ID_OR_KIND", value_parser = operation)]
    pub operation: Option<Operation>,
    /// Only records that this connection caused
    #[arg(long, value_name = "UUID")]
    pub session: Option<IdPrefix>,
    /// Only records about this agent
    #[arg(long, value_name = "NAME")]
    pub agent: Option<AgentName>,
    /// Only records of this phase: begin, step, final, commit, rollback, refused, ...
    #[arg(long, value_parser = phase)]
    pub phase: Option<Phase>,
    /// Only records from this time on: a time (2026-01-02T03:04:05Z) or an age (10m, 2h, 1day)
    #[arg(long, value_name = "TIME", value_parser = time_or_age)]
    pub since: Option<SystemTime>,
    /// Only records up to this time
    #[arg(long, value_name = "TIME", value_parser = time_or_age)]
    pub until: Option<SystemTime>,
    /// Only records with this error code
    #[arg(long)]
    pub code: Option<Code>,
    /// Only refused intents: all that were not made, for whatever reason
    #[arg(long)]
    pub refused: bool,
}

/// The value of `--operation`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The id of one operation.
    Id(IdPrefix),
    /// The kind of a step: `create`, `update`, `delete`, or the name of a component.
    Kind(&'static str),
}

const KINDS: [&str; 3] = ["create", "update", "delete"];

impl Filter {
    /// Returns true if the record meets all conditions.
    pub fn matches(&self, entry: &Entry) -> bool {
        let body = &entry.body;
        let is_about = |id: &IdPrefix| body.uuids.iter().any(|uuid| id.matches(*uuid));
        let is_of = |id: &IdPrefix| body.session_id.is_some_and(|session| id.matches(session.0));
        self.uuid.as_ref().is_none_or(is_about)
            && (self.operation.as_ref()).is_none_or(|wanted| wanted.matches(body))
            && self.session.as_ref().is_none_or(is_of)
            && (self.agent.as_ref()).is_none_or(|wanted| agent_of(body) == Some(wanted))
            && self.phase.is_none_or(|phase| body.phase == phase)
            && self.code.is_none_or(|code| body.error_code == Some(code))
            && (!self.refused || is_refusal(body))
            && self.matches_time(entry)
    }

    /// Returns true if there are no conditions.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns true if the record is later than `until`.
    pub fn is_past(&self, entry: &Entry) -> bool {
        let time = self.until.and_then(|until| Some((time_of(entry)?, until)));
        time.is_some_and(|(time, until)| time > until)
    }

    fn matches_time(&self, entry: &Entry) -> bool {
        let is_late_enough = |since| time_of(entry).is_some_and(|time| time >= since);
        self.since.is_none_or(is_late_enough) && !self.is_past(entry)
    }
}

/// Returns true if the record is about an intent that was not made at all.
pub(super) fn is_refusal(body: &RecordBody) -> bool {
    match body.payload {
        Payload::Refusal { .. } | Payload::Consult { .. } => true,
        Payload::Quarantine {
            is_whole_intent, ..
        } => is_whole_intent,
        _ => false,
    }
}

/// Returns the agent that a record names.
fn agent_of(body: &RecordBody) -> Option<&AgentName> {
    match &body.payload {
        Payload::Begin { agent, .. }
        | Payload::Quarantine { agent, .. }
        | Payload::Consult { agent, .. }
        | Payload::Refusal { agent, .. } => agent.as_ref(),
        Payload::View(viewed) => viewed.agent.as_ref(),
        Payload::Agent { agent, .. } | Payload::Approval { agent, .. } => Some(agent),
        _ => None,
    }
}

/// Returns the time of a record.
fn time_of(entry: &Entry) -> Option<SystemTime> {
    humantime::parse_rfc3339(&entry.timestamp).ok()
}

impl Operation {
    fn matches(&self, body: &RecordBody) -> bool {
        match (self, &body.payload) {
            (Operation::Id(id), _) => {
                let operation = body.operation_id;
                operation.is_some_and(|operation| id.matches(operation.0))
            }
            (Operation::Kind(kind), Payload::Step { change, .. }) => has_kind(change, kind),
            (Operation::Kind(_), _) => false,
        }
    }
}

fn has_kind(change: &Change, kind: &str) -> bool {
    let op = match change {
        Change::Create { .. } => "create",
        Change::Update { .. } => "update",
        Change::Delete { .. } => "delete",
    };
    let has_component = |components: &Components| components.present().contains(&kind);
    op == kind || change.components().is_some_and(has_component)
}

fn operation(text: &str) -> Result<Operation, String> {
    if let Ok(id) = text.parse() {
        return Ok(Operation::Id(id));
    }
    let kinds = || KINDS.iter().chain(Components::NAMES).copied();
    let kind = kinds().find(|kind| *kind == text);
    kind.map(Operation::Kind).ok_or_else(|| {
        let known = kinds().collect::<Vec<_>>().join(", ");
        format!("neither an operation id (a uuid or its first digits) nor one of {known}")
    })
}

fn phase(text: &str) -> Result<Phase, String> {
    let name = text.to_uppercase().into();
    serde_json::from_value(name).map_err(|error| {
        // The error lists all phases.
        format!("not a phase: {error}")
    })
}

/// Parses a time or an age.
pub(super) fn time_or_age(text: &str) -> Result<SystemTime, String> {
    if let Ok(time) = humantime::parse_rfc3339_weak(text) {
        return Ok(time);
    }
    let ago = humantime::parse_duration(text).map_err(|_| {
        "neither a time (2026-01-02T03:04:05Z) nor an age (10m, 2h, 1day)".to_owned()
    })?;
    let time = SystemTime::now().checked_sub(ago);
    time.ok_or_else(|| "earlier than the earliest time".to_owned())
}
