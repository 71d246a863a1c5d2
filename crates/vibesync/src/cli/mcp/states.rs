//! Compares two states of the scene, from its history.

use std::path::Path;

use serde_json::Value;
use vibesync_mcp::{ChangedEntity, ChangedValue, Diff, DiffRequest};
use vibesync_store::audit::{CommitInfo, EntityDiff, History};

use super::visible::Visible;
use crate::cli::audit::diff::{change, changed_values, entity};
use crate::cli::text::wire_name;
use crate::error::Error;
use crate::history;

/// Returns what differs between two commits.
pub(super) fn diff(
    audit: &Path,
    request: &DiffRequest,
    visible: &mut Visible<'_>,
) -> Result<Diff, Error> {
    let history = history::open(audit)?;
    let from = history::find(&history, audit, &request.from)?;
    let to = match &request.to {
        Some(name) => history::find(&history, audit, name)?,
        None => newest(&history, audit)?.unwrap_or_else(|| from.clone()),
    };
    let found = history.diff(&from.commit, &to.commit);
    let mut found = found.map_err(|error| history::coded(audit, error))?;
    let is_wanted =
        |diff: &EntityDiff| request.uuids.is_empty() || request.uuids.contains(&diff.uuid);
    found.retain(is_wanted);
    found.sort_by_key(|diff| diff.uuid);
    let mut entities = found.iter().map(changed_entity).collect();
    visible.entities(&mut entities)?;
    Ok(Diff {
        from_seq: from.seq,
        to_seq: to.seq,
        entities,
    })
}

fn newest(history: &History, audit: &Path) -> Result<Option<CommitInfo>, Error> {
    let coded = |error| history::coded(audit, error);
    history
        .log()
        .map_err(coded)?
        .next()
        .transpose()
        .map_err(coded)
}

fn changed_entity(diff: &EntityDiff) -> ChangedEntity {
    let known = entity(diff);
    let (sign, change) = change(diff);
    // All values of a created or deleted entity differ.
    let values = match sign {
        '~' => changed_values(diff),
        _ => Default::default(),
    };
    let value = |value: Option<Value>| value.unwrap_or_default();
    ChangedEntity {
        uuid: diff.uuid,
        change: change.to_owned(),
        kind: known.map_or_else(String::new, |entity| wire_name(&entity.kind)),
        name: known.and_then(|entity| entity.components.name.clone()),
        values: values
            .into_iter()
            .map(|(path, (before, after))| ChangedValue {
                path,
                before: value(before),
                after: value(after),
            })
            .collect(),
    }
}
