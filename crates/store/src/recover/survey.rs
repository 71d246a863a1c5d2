//! The survey: finds all witnesses of a project, and what each of them holds.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{BlobId, Replay};

use super::candidate::{Candidate, Source, SourceName, UnusableCandidate, fingerprints};
use super::error::RecoverError;
use super::load::{Folders, commit_tip, load, open_history};
use crate::audit::{AuditError, CommitInfo};
use crate::blobs::BlobStore;
use crate::checkpoint;
use crate::disk::{Disk, WithContext};
use crate::registry::Registry;
use crate::wal::Tip;
use crate::wal::salvage::each_whole_record;

/// All witnesses of a project.
#[derive(Debug, Default)]
pub struct Survey {
    /// The candidates: witnesses whose state can be used.
    pub candidates: Vec<Candidate>,
    /// The witnesses whose state cannot be used.
    pub unusable: Vec<UnusableCandidate>,
    /// The newest record that each place names, whether or not its state can be used.
    pub named: Vec<(String, Tip)>,
    /// The record of the newest commit of the audit.
    pub audited: Option<Tip>,
}

impl Survey {
    /// Looks at all places. Changes nothing. `wanted` may name an older commit of the audit.
    pub fn take(
        disk: &Arc<dyn Disk>,
        folders: &Folders,
        wanted: Option<&SourceName>,
    ) -> Result<Self, RecoverError> {
        let mut survey = Survey::default();
        let mut sources = survey.log_and_checkpoints(&**disk, folders)?;
        sources.extend(survey.registry(folders));
        sources.extend(survey.audit(folders, wanted));
        for source in sources {
            match load(disk, folders, &source) {
                Ok(loaded) => {
                    let name = source.to_string();
                    survey.named.push((name, loaded.tip));
                    let candidate = Candidate {
                        tip: loaded.tip,
                        entities: fingerprints(&loaded.state.scene)
                            .map_err(|error| RecoverError::Unusable(error.to_string()))?,
                        tombstones: loaded.state.scene.len() - loaded.state.scene.live_count(),
                        missing_blobs: missing_blobs(disk, &folders.blobs, &loaded.state),
                        epochs: loaded.state.epochs,
                        ends_because: loaded.ends_because,
                        source,
                    };
                    survey.candidates.push(candidate);
                }
                Err(RecoverError::Unusable(why)) => survey.add_unusable(&source, why),
                Err(RecoverError::Log(error))
                    if error.code() == vibesync_scene::Code::LogDamaged =>
                {
                    survey.add_unusable(&source, error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(survey)
    }

    /// The last record that any witness names; 0 if none names one.
    pub fn highest(&self) -> u64 {
        self.named.iter().map(|(_, tip)| tip.seq).max().unwrap_or(0)
    }

    fn add_unusable(&mut self, source: &Source, why: String) {
        let name = source.to_string();
        self.unusable.push(UnusableCandidate { name, why });
    }

    fn log_and_checkpoints(
        &mut self,
        disk: &dyn Disk,
        folders: &Folders,
    ) -> Result<Vec<Source>, RecoverError> {
        let mut sources = Vec::new();
        let wal = &folders.wal;
        if !disk.list(wal).with_context("list", wal)?.is_empty() {
            sources.push(Source::Log);
        }
        let mut highest = Tip::START;
        each_whole_record(disk, wal, &mut |checked| {
            if checked.tip.seq > highest.seq {
                highest = checked.tip;
            }
        })?;
        if highest.seq > 0 {
            self.named.push(("log".into(), highest));
        }
        for (path, header) in checkpoint::headers(disk, &folders.checkpoints)? {
            match (header, checkpoint::is_whole(disk, &path)?) {
                (Ok((tip, _)), true) if path == checkpoint::path(&folders.checkpoints, tip.seq) => {
                    let source = Source::Checkpoint(tip.seq);
                    self.named.push((source.to_string(), tip));
                    sources.push(source);
                }
                (Err(error), _) => self.add_damaged(&path, &error.to_string()),
                (Ok(_), _) => self.add_damaged(&path, "the hash does not match"),
            }
        }
        Ok(sources)
    }

    fn add_damaged(&mut self, path: &Path, why: &str) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.unusable.push(UnusableCandidate {
            name: name.into_owned(),
            why: why.to_owned(),
        });
    }

    /// The head of a registry counts even if its rows disagree with it.
    fn registry(&mut self, folders: &Folders) -> Option<Source> {
        match Registry::read(&folders.registry) {
            Ok(None) => None,
            Ok(Some(registry)) => {
                let tip = registry.position().tip;
                self.named.push((Source::Registry.to_string(), tip));
                Some(Source::Registry)
            }
            Err(error) => {
                self.add_unusable(&Source::Registry, error.to_string());
                None
            }
        }
    }

    fn audit(&mut self, folders: &Folders, wanted: Option<&SourceName>) -> Vec<Source> {
        let read = || -> Result<Vec<CommitInfo>, AuditError> {
            let Some(history) = open_history(folders)? else {
                return Ok(Vec::new());
            };
            let newest = history.log()?.next().transpose()?;
            let older = match wanted {
                Some(SourceName::Audit(Some(digits))) => history.find(digits)?,
                _ => None,
            };
            let older = older.filter(|older| newest.as_ref() != Some(older));
            Ok(newest.into_iter().chain(older).collect())
        };
        let commits = read().unwrap_or_else(|error| {
            self.unusable.push(UnusableCandidate {
                name: "audit".into(),
                why: error.to_string(),
            });
            Vec::new()
        });
        self.audited = commits.first().and_then(commit_tip);
        let tip = self.audited.into_iter();
        self.named.extend(tip.map(|tip| ("audit".to_owned(), tip)));
        let ids = commits.into_iter().map(|info| Source::Audit(info.commit));
        ids.collect()
    }
}

/// Lists the newest commits of the audit.
pub fn commits(folders: &Folders, count: usize) -> Result<Vec<CommitInfo>, AuditError> {
    match open_history(folders)? {
        Some(history) => history.log()?.take(count).collect(),
        None => Ok(Vec::new()),
    }
}

fn missing_blobs(disk: &Arc<dyn Disk>, dir: &Path, state: &Replay) -> usize {
    let store = BlobStore::read_only(Arc::clone(disk), dir);
    let live = state.scene.rows().filter(|row| !row.tombstone);
    let blobs: BTreeSet<BlobId> = live.flat_map(|row| row.entity.components.blobs()).collect();
    let is_missing = |id: &&BlobId| !store.contains(**id).unwrap_or(false);
    blobs.iter().filter(is_missing).count()
}
