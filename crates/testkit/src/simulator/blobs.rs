//! The work that the daemon does outside of its core thread: it stores and reads blobs, on a disk that loses and damages
//! them, and reads commits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_engine::{Action, AgentWork, Input, MeshPair, Restore, Revert, Selection};
use vibesync_protocol::{ClientMessage, DaemonMessage, RestoreRequest, RevertRequest};
use vibesync_scene::{BatchId, BlobId, Change, Code, Components, Entity, Invalid, SessionId, Uuid};
use vibesync_store::blobs::{BlobError, BlobStore};

use super::draw::CONTENTS;
use super::violation::Check;
use super::world::World;

/// Folder of the blobs.
pub fn blob_dir() -> &'static Path {
    Path::new("/p/blobs")
}

/// Returns the file of a blob.
fn file_of(blob: BlobId) -> PathBuf {
    let name = blob.to_string();
    let shard = name.get(..2).unwrap_or_default();
    blob_dir().join(shard).join(&name)
}

impl World {
    /// Opens the store at a start. Returns false if the disk prevents it.
    pub fn open_blobs(&mut self) -> bool {
        let opened = BlobStore::open(Arc::new(self.disk.clone()), blob_dir());
        if opened.is_err() {
            self.counts.one("boots that the disk broke off");
        }
        self.blobs = opened.ok();
        self.blobs.is_some()
    }

    /// Reports the blobs that are missing at a start.
    pub fn check_blobs(&mut self) {
        let Some(daemon) = &self.daemon else {
            return;
        };
        let live = daemon.engine.scene().rows().filter(|row| !row.tombstone);
        let needed: BTreeSet<BlobId> = live.flat_map(|row| row.entity.components.blobs()).collect();
        let is_missing = |blob: &BlobId| !self.disk.files().contains(&file_of(*blob));
        let lost: BTreeMap<BlobId, String> = needed
            .into_iter()
            .filter(is_missing)
            .map(|blob| (blob, "missing".to_owned()))
            .collect();
        if !lost.is_empty() {
            self.counts.one("blobs missing at a start");
            let unsent = None;
            self.outside.push_back(Input::BlobsLost { lost, unsent });
        }
    }

    /// Removes the file of a blob.
    pub fn lose_blob(&mut self, content: u8) {
        let file = file_of(BlobId::hash(&[content]));
        if self.disk.erase(&file) {
            self.counts.one("blobs lost");
        }
    }

    /// Damages the file of a blob.
    pub fn damage_blob(&mut self, content: u8, bit: u8) {
        let file = file_of(BlobId::hash(&[content]));
        if self.disk.flip(&file, 0, bit) {
            self.counts.one("blobs damaged");
        }
    }

    /// Stores the bulk data of a message, and returns the input for the engine.
    pub fn receive(&mut self, session: SessionId, message: ClientMessage) -> Input {
        let components = match &message {
            ClientMessage::Intent(intent) => intent.changes.iter().filter_map(Change::components),
            _ => [].iter().filter_map(Change::components),
        };
        let needed: BTreeSet<BlobId> = components.flat_map(Components::blobs).collect();
        let contents: Vec<[u8; 1]> = (0..CONTENTS).map(|content| [content]).collect();
        let sent = contents
            .iter()
            .filter(|it| needed.contains(&BlobId::hash(*it)));
        let sent: Vec<&[u8]> = sent.map(<[u8; 1]>::as_slice).collect();
        let stored = self.blobs.as_ref().map(|blobs| blobs.put(&sent));
        match (stored, message) {
            (Some(Err(error)), ClientMessage::Intent(intent)) => Input::Unsound {
                session,
                intent: Box::new(intent),
                invalid: Invalid::new(error.code(), "mesh", error.code().title()),
            },
            (_, message) => Input::Message {
                session,
                message: Box::new(message),
            },
        }
    }

    /// Checks a message at the time when the engine asks for it.
    pub fn wants_said(&self, message: &DaemonMessage) -> Check {
        let status = self.daemon.as_ref().map(|daemon| daemon.engine.status());
        let may_be_partial = status.is_some_and(|status| status.lost > 0);
        self.ledger.wants_said(message, may_be_partial)
    }

    /// Returns true if a batch cannot be sent because its blobs cannot be read.
    pub fn loses_blobs(&mut self, session: SessionId, message: &DaemonMessage) -> bool {
        let DaemonMessage::Apply {
            batch_id, changes, ..
        } = message
        else {
            return false;
        };
        let components = changes.iter().filter_map(|it| it.change.components());
        let lost = self.unreadable(components.flat_map(Components::blobs));
        let is_unsent = !lost.is_empty();
        if is_unsent {
            self.counts.one("batches taken back");
            let unsent = Some((session, *batch_id));
            self.outside.push_back(Input::BlobsLost { lost, unsent });
        }
        is_unsent
    }

    /// Returns the blobs that cannot be read.
    pub fn unreadable(&self, blobs: impl Iterator<Item = BlobId>) -> BTreeMap<BlobId, String> {
        let mut lost = BTreeMap::new();
        for blob in blobs {
            if let Some(Err(error)) = self.blobs.as_ref().map(|store| store.get(blob)) {
                let why = match error {
                    BlobError::Missing(_) => "missing",
                    BlobError::Damaged { .. } | BlobError::Disk(_) => "damaged",
                };
                lost.insert(blob, why.to_owned());
            }
        }
        lost
    }

    /// Does the work of an action that takes long. Its result returns later.
    pub fn work_outside(&mut self, work: Action) {
        let input = match work {
            Action::CompareMeshes { batch, pairs } => Some(self.compare(batch, &pairs)),
            Action::ReadCommit { session, request } => Some(self.read_commit(session, request)),
            Action::CheckBlobs {
                session,
                mut restore,
                blobs,
            } => Some(match self.unreadable(blobs.iter().copied()).pop_first() {
                None => {
                    restore.checked.extend(blobs);
                    Input::Restorable { session, restore }
                }
                Some((blob, why)) => Input::Unrestorable {
                    session,
                    invalid: Invalid::new(Code::BlobDamaged, blob.to_string(), why),
                },
            }),
            Action::ReadWork {
                session,
                request,
                selection,
            } => Some(self.read_work(session, *request, selection)),
            Action::LookForBlobs { mut blobs } => {
                let lost = self.unreadable(blobs.iter().copied());
                blobs.retain(|blob| !lost.contains_key(blob));
                Some(Input::BlobsFound { blobs })
            }
            preview => {
                self.put_on_the_way(preview);
                None
            }
        };
        self.outside.extend(input);
    }

    /// Compares meshes by their bytes, which is enough in a run.
    fn compare(&self, batch: BatchId, pairs: &[MeshPair]) -> Input {
        let mut differing = Vec::new();
        let mut lost = BTreeMap::new();
        for pair in pairs {
            lost.extend(self.unreadable(pair.expected()));
            if !pair.expected().eq(pair.held()) {
                differing.push((pair.uuid, "other content".to_owned()));
            }
        }
        Input::MeshesCompared {
            batch,
            differing,
            lost,
        }
    }

    fn read_work(&self, session: SessionId, request: RevertRequest, selection: Selection) -> Input {
        let (first, last) = (selection.first, selection.last);
        let mut work = AgentWork::new(selection);
        let numbered = (1..).zip(&self.ledger.records);
        for (seq, record) in numbered.filter(|(seq, _)| (first..=last).contains(seq)) {
            if let Err(invalid) = work.record(seq, record) {
                return Input::Unrestorable { session, invalid };
            }
        }
        match self.unreadable(work.blobs().into_keys()).pop_first() {
            None => Input::Revertable {
                session,
                revert: Box::new(Revert { request, work }),
            },
            Some((blob, why)) => Input::Unrestorable {
                session,
                invalid: Invalid::new(Code::BlobDamaged, blob.to_string(), why),
            },
        }
    }

    fn read_commit(&self, session: SessionId, request: RestoreRequest) -> Input {
        let seq = self.now % (self.ledger.head() + 1);
        let seq = request.commit.parse().unwrap_or(seq);
        let state = self.ledger.state_at(seq);
        let rows = state.scene.rows().filter(|row| !row.tombstone);
        let target: BTreeMap<Uuid, Entity> = rows
            .map(|row| (row.entity.uuid, row.entity.clone()))
            .collect();
        let restore = Box::new(Restore {
            request,
            commit: "c0ffee".into(),
            seq,
            target,
            checked: BTreeSet::new(),
        });
        Input::Restorable { session, restore }
    }
}
