//! Finds the ids in the log that begin with given digits.

use std::path::Path;

use vibesync_scene::{Change, Entity, Payload, SessionId, Uuid};
use vibesync_store::wal::Entry;

use super::access::{coded, read};
use super::record_format::Author;
use crate::cli::filter::{Filter, Operation};
use crate::cli::id_prefix::{Candidates, IdPrefix};
use crate::cli::result::Failure;
use crate::cli::text::{Sanitized, wire_name};

/// Completes the ids of a filter. An id that the log does not have stays as it is, and matches nothing.
pub(super) fn complete(filter: &Filter, wal: &Path, last: u64) -> Result<Filter, Failure> {
    let mut filter = filter.clone();
    if let Some(prefix) = &mut filter.uuid {
        *prefix = complete_id(prefix, wal, last, add_entities)?;
    }
    if let Some(Operation::Id(prefix)) = &mut filter.operation {
        *prefix = complete_id(prefix, wal, last, add_operation)?;
    }
    if let Some(prefix) = &mut filter.session {
        *prefix = complete_id(prefix, wal, last, add_session)?;
    }
    Ok(filter)
}

/// Finds the operation whose id begins with these digits.
pub(super) fn operation(prefix: &IdPrefix, wal: &Path, last: u64) -> Result<Option<Uuid>, Failure> {
    find(prefix, wal, last, add_operation)
}

fn complete_id(
    prefix: &IdPrefix,
    wal: &Path,
    last: u64,
    add: fn(&mut Candidates<'_>, &Entry),
) -> Result<IdPrefix, Failure> {
    let found = find(prefix, wal, last, add)?;
    Ok(found.map_or_else(|| prefix.clone(), IdPrefix::from))
}

fn find(
    prefix: &IdPrefix,
    wal: &Path,
    last: u64,
    add: fn(&mut Candidates<'_>, &Entry),
) -> Result<Option<Uuid>, Failure> {
    if let Some(uuid) = prefix.whole() {
        return Ok(Some(uuid));
    }
    let mut candidates = Candidates::new(prefix);
    for entry in read(wal, 1, last)? {
        add(&mut candidates, &entry.map_err(|error| coded(wal, error))?);
    }
    Ok(candidates.only()?)
}

fn add_entities(candidates: &mut Candidates<'_>, entry: &Entry) {
    for uuid in &entry.body.uuids {
        candidates.add(*uuid, String::new);
    }
    if let Payload::Step { change, before, .. } = &entry.body.payload {
        candidates.add(change.uuid(), || described(change, before.as_ref()));
    }
}

/// Describes an entity after a change: `object "Cube"`.
fn described(change: &Change, before: Option<&Entity>) -> String {
    let kind = match change {
        Change::Create { kind, .. } => Some(*kind),
        _ => before.map(|entity| entity.kind),
    };
    let new = change.components().and_then(|it| it.name.as_deref());
    let name = new.or_else(|| before.and_then(|it| it.components.name.as_deref()));
    let kind = kind.map_or_else(String::new, |kind| wire_name(&kind));
    format!("{kind} \"{}\"", Sanitized(name.unwrap_or_default()))
}

fn add_operation(candidates: &mut Candidates<'_>, entry: &Entry) {
    let Some(id) = entry.body.operation_id else {
        return;
    };
    candidates.add(id.0, || match &entry.body.payload {
        Payload::Begin {
            label,
            origin,
            agent,
            ..
        }
        | Payload::Refusal {
            label,
            origin,
            agent,
            ..
        }
        | Payload::Consult {
            label,
            origin,
            agent,
            ..
        }
        | Payload::Quarantine {
            label,
            origin,
            agent,
            ..
        } => {
            let (label, origin) = (Sanitized(label), Author(*origin, agent.as_ref()));
            format!("\"{label}\" by {origin}, record {}", entry.seq)
        }
        _ => String::new(),
    });
}

fn add_session(candidates: &mut Candidates<'_>, entry: &Entry) {
    let Some(SessionId(id)) = entry.body.session_id else {
        return;
    };
    candidates.add(id, || match &entry.body.payload {
        Payload::Session { role, .. } => format!("{}, record {}", role.as_str(), entry.seq),
        _ => String::new(),
    });
}
