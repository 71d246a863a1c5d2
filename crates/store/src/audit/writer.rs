//! The one writer of the repository: adds commits, and makes them durable.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use git2::{ObjectType, Oid, Repository};
use uuid::Uuid;
use vibesync_scene::{Entity, ProjectId, Row, SCHEMA_VERSION};

use super::error::AuditError;
use super::files::{self, PROJECT_FILE, entity_json};
use super::history::History;
use super::message::{self, AuditCommit};
use super::objects::PendingObjects;
use super::packs::Packs;
use super::scene::{self, ENTITIES, Edit, File};
use super::{branch, compact, damage, repository, tree, worktree};
use crate::disk::{Disk, WithContext};
use crate::held_open;

/// Size of the pending objects, bytes, beyond which they are written without a flush.
const MAX_PENDING_BYTES: usize = 4 * 1024 * 1024;

/// Number of written objects after which the repository is reopened: the cache of libgit2 has no limit.
const REOPEN_AFTER: usize = 10_000;

/// The newest commit, with its folder and sequence.
#[derive(Clone, Copy)]
struct Tip {
    commit: Oid,
    tree: Oid,
    seq: u64,
}

/// The repository, open for writing.
pub struct Audit {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    history: History,
    packs: Packs,
    project: Vec<u8>,
    /// The newest durable commit.
    tip: Option<Tip>,
    /// The newest commit, durable or pending.
    head: Option<Tip>,
    pending: PendingObjects,
    /// Sequences of the first and the last pending commit. A commit whose pack was written, but not its branch, does
    /// not count: the name of a pack tells its content.
    pending_sequences: Option<(u64, u64)>,
    /// The files that were damaged and that opening has written anew.
    repaired: Vec<&'static str>,
    /// Number of objects written since the repository was opened; about as many were read.
    written_objects: usize,
}

impl Audit {
    /// Opens or creates the repository at `root`. Writes a damaged HEAD or index anew. Any other damage is an error
    /// ([`AuditError::is_damage`]).
    pub fn open(
        disk: Arc<dyn Disk>,
        root: &Path,
        project_id: ProjectId,
    ) -> Result<Self, AuditError> {
        let git = root.join(".git");
        let mut repaired = Vec::new();
        let repository = match branch::exists(&git) {
            true => {
                repaired.extend(branch::repair_head(&*disk, &git)?.then_some("HEAD"));
                worktree::allow_any_path(&git)?;
                worktree::keep_line_ends(&*disk, &git)?;
                repository::open(root)?
            }
            // Without a branch, the repository may be incomplete: a crash may have interrupted its creation.
            false => create(&*disk, root, &git)?,
        };
        let history = History::new(repository, root);
        let tip = tip(&history)?;
        let folder = git.join("objects/pack");
        // Checked before leftover packs are removed: one of them may be what is missing.
        damage::check_parts(&history, &Packs::unopened(Arc::clone(&disk), &folder))?;
        if let Some(tip) = tip {
            let odb = history.repository.odb()?;
            let is_repaired = worktree::repair_index(&*disk, &git, odb.read(tip.tree)?.data())?;
            repaired.extend(is_repaired.then_some("index"));
        }
        // Reopened below: libgit2 keeps packs open, and Windows removes no open file.
        drop(history);
        let packs = Packs::open(Arc::clone(&disk), &folder, tip.map_or(0, |tip| tip.seq))?;
        let project = files::project_json(project_id, SCHEMA_VERSION)?;
        worktree::write_project_file(&*disk, root, &project)?;
        let history = History::new(repository::open(root)?, root);
        Ok(Self {
            disk,
            root: root.to_owned(),
            history,
            packs,
            project,
            tip,
            head: tip,
            pending: PendingObjects::new(),
            pending_sequences: None,
            repaired,
            written_objects: 0,
        })
    }

    /// The files that were damaged and that opening has written anew.
    pub fn repaired(&self) -> &[&'static str] {
        &self.repaired
    }

    /// Adds a commit of changed rows, and returns its id. [`Audit::flush`] makes it durable. Returns none, and adds
    /// nothing, if the sequence was committed before.
    pub fn add(&mut self, commit: &AuditCommit<'_>) -> Result<Option<String>, AuditError> {
        if self.head.is_some_and(|head| head.seq >= commit.seq) {
            return Ok(None);
        }
        let last: BTreeMap<Uuid, &Row> = commit
            .rows
            .iter()
            .map(|row| (row.entity.uuid, row))
            .collect();
        let mut edits = Vec::with_capacity(last.len());
        for (uuid, row) in last {
            let file = match row.tombstone {
                true => File::Gone,
                false => File::New(entity_json(&row.entity)?),
            };
            edits.push(Edit::new(uuid, file));
        }
        let entities = self.entities()?;
        let id = self.add_commit(commit, entities, edits)?;
        if self.pending.bytes() > MAX_PENDING_BYTES {
            self.write_pending()?;
        }
        Ok(Some(id))
    }

    /// Adds a commit of the whole scene, independent of the previous commit, for a history that has a gap to the log.
    /// Ignores `commit.rows`.
    pub fn add_snapshot<E: From<AuditError>>(
        &mut self,
        commit: &AuditCommit<'_>,
        entities: impl Iterator<Item = Result<Entity, E>>,
    ) -> Result<String, E> {
        self.write_pending()?;
        let sequences = (commit.seq, commit.seq);
        let mut edits = Vec::new();
        for entity in entities {
            let entity = entity?;
            let content = entity_json(&entity)?;
            let oid = self.put(ObjectType::Blob, content, None, &[])?;
            edits.push(Edit::new(entity.uuid, File::Stored(oid)));
            if self.pending.bytes() > MAX_PENDING_BYTES {
                self.write_pack(sequences)?;
            }
        }
        let id = self.add_commit(commit, None, edits)?;
        self.pending_sequences = None;
        self.write_pack(sequences)?;
        Ok(id)
    }

    /// Makes the added commits durable: packs first, the branch last. After an error, the pending commits are
    /// discarded, and can be added again.
    pub fn flush(&mut self) -> Result<(), AuditError> {
        let flushed = self.write_all();
        if flushed.is_ok() {
            self.tip = self.head;
        }
        self.discard();
        flushed
    }

    /// Discards the commits that were added since the last flush.
    pub fn discard(&mut self) {
        self.pending.clear();
        self.pending_sequences = None;
        self.head = self.tip;
    }

    /// Adds a commit and makes it durable.
    pub fn commit(&mut self, commit: &AuditCommit<'_>) -> Result<Option<String>, AuditError> {
        let id = self.add(commit)?;
        self.flush()?;
        Ok(id)
    }

    /// Joins some small packs, if there are enough of them. Returns whether it joined any. `should_stop` ends it early.
    pub fn compact(&mut self, should_stop: &dyn Fn() -> bool) -> Result<bool, AuditError> {
        let Some(tip) = self.tip else {
            return Ok(false);
        };
        let Some(names) = compact::due(&self.packs)? else {
            return Ok(false);
        };
        let repository = &self.history.repository;
        let done = compact::compact(repository, &self.packs, tip.commit, &names, should_stop);
        // Reopened first: libgit2 keeps packs open, and Windows removes no open file.
        self.history.repository = repository::open(&self.root)?;
        let done = done?;
        if done {
            self.packs.remove_joined(names)?;
        }
        Ok(done)
    }

    /// Log sequence of the newest durable commit; 0 if there is none.
    pub fn last_seq(&self) -> u64 {
        self.tip.map_or(0, |tip| tip.seq)
    }

    /// Whether the newest commit has the layout of this version. If not, the next commit must be
    /// [`Audit::add_snapshot`].
    pub fn has_current_layout(&self) -> Result<bool, AuditError> {
        let Some(folder) = self.entities()? else {
            return Ok(true);
        };
        let repository = &self.history.repository;
        Ok(scene::is_current_layout(
            &self.pending.read(repository, folder)?,
        ))
    }

    /// The history of this repository.
    pub fn history(&self) -> &History {
        &self.history
    }

    fn entities(&self) -> Result<Option<Oid>, AuditError> {
        let Some(head) = self.head else {
            return Ok(None);
        };
        let root = self.pending.read(&self.history.repository, head.tree)?;
        Ok(tree::get(&root, ENTITIES.as_bytes()))
    }

    /// Adds the commit that results from edits of a folder of entities.
    fn add_commit(
        &mut self,
        commit: &AuditCommit<'_>,
        entities: Option<Oid>,
        mut edits: Vec<Edit>,
    ) -> Result<String, AuditError> {
        let repository = &self.history.repository;
        let entities = scene::edit(&mut self.pending, repository, entities, &mut edits)?;
        let project = self.put(ObjectType::Blob, self.project.clone(), None, &[])?;
        let mut root = Vec::new();
        tree::set(&mut root, true, ENTITIES.as_bytes(), entities);
        tree::set(&mut root, false, PROJECT_FILE.as_bytes(), Some(project));
        let before = self.head;
        let old = before.map(|head| head.tree);
        let tree = self.put(ObjectType::Tree, root, old, entities.as_slice())?;
        let content = message::commit(commit, tree, before.map(|head| head.commit))?;
        let oid = self.put(ObjectType::Commit, content, None, &[tree])?;
        let seq = commit.seq;
        if self.pending.contains(oid) {
            self.pending_sequences =
                Some((self.pending_sequences.map_or(seq, |(first, _)| first), seq));
        }
        self.head = Some(Tip {
            commit: oid,
            tree,
            seq,
        });
        Ok(oid.to_string())
    }

    /// Adds an object that refers to the `named` ones, and possibly to others.
    fn put(
        &mut self,
        kind: ObjectType,
        content: Vec<u8>,
        before: Option<Oid>,
        named: &[Oid],
    ) -> Result<Oid, AuditError> {
        let repository = &self.history.repository;
        let names_new = named.iter().any(|oid| self.pending.contains(*oid));
        self.pending
            .put(repository, kind, content, before, names_new)
    }

    /// Writes the pending commits as a pack. The branch does not include them yet.
    fn write_pending(&mut self) -> Result<(), AuditError> {
        match self.pending_sequences.take() {
            Some(sequences) => self.write_pack(sequences),
            None => Ok(()),
        }
    }

    fn write_pack(&mut self, sequences: (u64, u64)) -> Result<(), AuditError> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.written_objects += self.pending.len();
        let (pack, index) = self.pending.take_pack().finish()?;
        let name = self.packs.free_name(sequences)?;
        self.packs.write(name, &pack, &index)?;
        if self.written_objects > REOPEN_AFTER {
            self.history.repository = repository::open(&self.root)?;
            self.written_objects = 0;
        } else {
            self.history.repository.odb()?.refresh()?;
        }
        Ok(())
    }

    fn write_all(&mut self) -> Result<(), AuditError> {
        let Some(head) = self.head else {
            return Ok(());
        };
        if self.tip.is_some_and(|tip| tip.commit == head.commit) {
            return Ok(());
        }
        self.write_pending()?;
        let git = self.root.join(".git");
        branch::set(&*self.disk, &git, head.commit)?;
        let repository = &self.history.repository;
        let root = self.pending.read(repository, head.tree)?;
        worktree::update_index(&*self.disk, &git, &root)
    }
}

fn create(disk: &dyn Disk, root: &Path, git: &Path) -> Result<Repository, AuditError> {
    if git.exists() {
        held_open::retry(git, || fs::remove_dir_all(git)).with_context("remove", git)?;
    }
    repository::create(disk, git, worktree::SETTINGS)?;
    worktree::configure(disk, git)?;
    repository::open(root)
}

fn tip(history: &History) -> Result<Option<Tip>, AuditError> {
    let Some(commit) = history.head()? else {
        return Ok(None);
    };
    Ok(Some(Tip {
        commit: commit.id(),
        tree: commit.tree_id(),
        seq: message::seq(&commit)?,
    }))
}
