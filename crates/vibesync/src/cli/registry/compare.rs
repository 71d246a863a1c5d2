//! Compares the registry with the state that the log gives.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{Code, Replay, Row, Scene, Uuid};
use vibesync_store::boot;
use vibesync_store::disk::RealDisk;
use vibesync_store::registry::{Registry, RegistryError, Summary};
use vibesync_store::wal::Tip;

use super::access::{coded, open, refuse_if_used};
use crate::cli::log::access as log;
use crate::error::Error;
use crate::platform::project::Project;

/// Maximum number of entities that are named as different.
const NAMED: usize = 10;

/// The result of comparing the registry with the log.
pub(in crate::cli) struct Comparison {
    /// The sequence up to which the registry has followed the log.
    pub seq: u64,
    /// Sequence of the last record of the log.
    head: u64,
    /// The difference, if any.
    pub difference: Option<String>,
    summary: Summary,
}

impl Comparison {
    /// Returns true if the registry knows records that the log does not have.
    pub fn is_ahead(&self) -> bool {
        self.seq > self.head
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { rows, root, .. } = self.summary;
        match (&self.difference, self.head.saturating_sub(self.seq)) {
            (Some(why), _) => write!(f, "differs from the log: {why}"),
            (None, 0) => write!(f, "agrees with the log: {rows} rows, root {root}"),
            (None, behind) => write!(
                f,
                "agrees with the log up to sequence {}: {rows} rows, root {root}; the next start adds the {behind} records \
                 after it",
                self.seq
            ),
        }
    }
}

/// Compares the registry with the state at its own sequence. Returns none if there is no registry; fails with VS-6002
/// while a daemon runs.
pub(in crate::cli) fn compare(project: &Project, tip: Tip) -> Result<Option<Comparison>, Error> {
    refuse_if_used(project)?;
    let path = project.registry();
    let Some((registry, _lock)) = open(project)? else {
        return Ok(None);
    };
    let summary = registry.summary();
    let mut comparison = Comparison {
        seq: summary.seq,
        head: tip.seq,
        difference: None,
        summary,
    };
    if summary.seq > tip.seq {
        let (seq, end) = (summary.seq, tip.seq);
        let why = format!("it is at sequence {seq}, but the log ends at {end}");
        comparison.difference = Some(why);
        return Ok(Some(comparison));
    }
    let registry_tip = Tip {
        seq: summary.seq,
        ..tip
    };
    let state = replay(project, registry_tip)?;
    comparison.difference = difference(&registry, &state.scene, &path)?;
    Ok(Some(comparison))
}

/// Replays the log up to `tip`.
pub(in crate::cli) fn replay(project: &Project, tip: Tip) -> Result<Replay, Error> {
    let wal = project.wal();
    boot::replay(Arc::new(RealDisk), &wal, tip).map_err(|error| log::coded(&wal, error))
}

/// Returns the sequence up to which the registry has followed the log; none if there is no registry.
pub(in crate::cli) fn registry_seq(project: &Project) -> Result<Option<u64>, Error> {
    refuse_if_used(project)?;
    let opened = open(project)?;
    Ok(opened.map(|(registry, _lock)| registry.summary().seq))
}

/// Describes the difference between the registry and the state at its sequence; none if they are equal.
pub(in crate::cli) fn registry_difference(
    project: &Project,
    state: &Replay,
) -> Result<Option<String>, Error> {
    refuse_if_used(project)?;
    let path = project.registry();
    match open(project)? {
        Some((registry, _lock)) if registry.summary().seq == state.last_seq => {
            difference(&registry, &state.scene, &path)
        }
        _ => Err(Error::new(
            Code::ProjectTaken,
            path.display(),
            "a daemon has changed it in the meantime",
        )),
    }
}

fn difference(registry: &Registry, scene: &Scene, path: &Path) -> Result<Option<String>, Error> {
    let expected = Summary::from_rows(scene.rows(), registry.summary().seq)
        .map_err(|error| Error::from_source(Code::LogDamaged, path.display(), error))?;
    match registry.verify(&expected) {
        Ok(()) => Ok(None),
        Err(RegistryError::Disagrees(why)) => {
            let rows = registry.iter().collect::<Result<Vec<_>, _>>();
            let rows = rows.map_err(|error| coded(path, error))?;
            let entities = differing_entities(scene, rows.iter());
            Ok(Some(format!("{why}; {entities}")))
        }
        Err(error @ RegistryError::Row { .. }) => Ok(Some(error.to_string())),
        Err(error) => Err(coded(path, error)),
    }
}

/// Names the entities whose rows differ from the rows of the scene.
pub(in crate::cli) fn differing_entities<'a>(
    scene: &Scene,
    rows: impl Iterator<Item = &'a Row>,
) -> String {
    let mut missing: BTreeSet<Uuid> = scene.rows().map(|row| row.entity.uuid).collect();
    let mut differing = BTreeSet::new();
    for row in rows {
        let uuid = row.entity.uuid;
        missing.remove(&uuid);
        if scene.row(uuid) != Some(row) {
            differing.insert(uuid);
        }
    }
    differing.extend(missing);
    let named: Vec<String> = differing.iter().take(NAMED).map(Uuid::to_string).collect();
    let named = named.join(", ");
    match differing.len().saturating_sub(NAMED) {
        0 => format!("different entities: {named}"),
        more => format!("different entities: {named} and {more} more"),
    }
}
