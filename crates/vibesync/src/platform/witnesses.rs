//! Collects the witnesses of the log before a start: project.json, the registry, the history.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{EpochId, ProjectId, Replay};
use vibesync_store::audit::{CommitInfo, History};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::registry::Registry;
use vibesync_store::wal::Tip;
use vibesync_store::witness::{self, Known, Witness};

use super::project::Project;
use super::recorded_identity::id_in_audit;
use crate::Error;

/// Name of the registry as a witness.
const REGISTRY: &str = "the registry";

/// The files of a project that know how far its log once went.
pub struct Witnesses {
    audit: PathBuf,
    folder: PathBuf,
    id: ProjectId,
    epoch: Option<EpochId>,
    /// The registry, once it was opened. It stays open for the projector.
    registry: Option<Registry>,
    is_registry_damaged: bool,
}

impl Witnesses {
    /// Opens no file but project.json.
    pub fn new(project: &Project, id: ProjectId) -> Result<Self, Error> {
        Ok(Self {
            audit: project.audit(),
            folder: project.registry(),
            id,
            epoch: project.epoch()?,
            registry: None,
            is_registry_damaged: false,
        })
    }

    /// Asks the files. A missing or damaged file is no witness: it is made again from the log.
    pub fn ask(&mut self) -> Vec<Witness> {
        if self.registry.is_none() && !self.is_registry_damaged {
            self.registry = Registry::read(&self.folder).unwrap_or_else(|error| {
                tracing::debug!("the registry is no witness of the log: {error}");
                None
            });
        }
        let registry = self.registry.as_ref();
        let registry = registry.map(|registry| Known::Record(registry.position().tip));
        let commit = newest_commit(&self.audit, self.id).map(Known::Record);
        let known = [
            ("project.json", Some(Known::Project(self.id))),
            (REGISTRY, registry),
            ("the history in .git_safety", commit),
            ("project.json", self.epoch.map(Known::Epoch)),
        ];
        let known = known
            .into_iter()
            .filter_map(|(name, knows)| Some((name, knows?)));
        known
            .map(|(name, knows)| Witness {
                name: name.to_owned(),
                knows,
            })
            .collect()
    }

    /// Fails with VS-5010 if the log that ends at `tip`, and whose records give `state`, lacks what a witness knows. The
    /// caller holds the project's lock.
    pub fn check(&mut self, wal: &Path, tip: Tip, state: &Replay) -> Result<(), Error> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        loop {
            let Err(divergence) = witness::check(&disk, wal, tip, state, self.ask()) else {
                return Ok(());
            };
            if !self.drop_if_damaged(divergence.witness()) {
                let code = divergence.code();
                return Err(Error::from_source(code, wal.display(), divergence));
            }
        }
    }

    /// Drops the witness of this name if it turns out to be damaged. Returns true if it was dropped.
    pub fn drop_if_damaged(&mut self, name: &str) -> bool {
        let is_damaged =
            |registry: &Registry| registry.check().is_err_and(|error| error.is_damage());
        if name != REGISTRY || !self.registry.as_ref().is_some_and(is_damaged) {
            return false;
        }
        self.registry = None;
        self.is_registry_damaged = true;
        true
    }

    /// Returns the open registry.
    pub fn into_registry(self) -> Option<Registry> {
        self.registry
    }
}

/// Returns the record of the newest commit of this project.
fn newest_commit(audit: &Path, id: ProjectId) -> Option<Tip> {
    if id_in_audit(audit)? != id {
        return None;
    }
    let read = || Ok(History::open(audit)?.and_then(|history| history.log().ok()?.next()));
    let newest: Result<_, vibesync_store::audit::AuditError> = read();
    let CommitInfo {
        seq, chain_hash, ..
    } = newest.ok()??.ok()?;
    let hash = chain_hash.parse().ok()?;
    Some(Tip { seq, hash })
}
