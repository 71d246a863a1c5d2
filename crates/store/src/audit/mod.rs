//! A git history of the scene: one commit a transaction, one small JSON file an entity.
//!
//! The folder is an ordinary repository, so `git log -p` reads as the history of the scene. It is made from the log:
//! whatever happens to it, nothing is lost, and commits that are missing are caught up from [`Audit::last_seq`] on.
//!
//! Commits gather ([`Audit::add`]) and become durable together ([`Audit::flush`]): one pack, its index, the branch. The
//! path of a change reads off the file names: [`message`], [`files`] -> [`scene`] -> [`objects`] -> [`pack`] ->
//! [`packs`] -> [`branch`]; [`compact`] keeps the packs few. The work tree leaves the entities out ([`worktree`]).

mod branch;
mod compact;
mod delta;
mod diff;
mod files;
mod history;
mod message;
mod objects;
mod pack;
mod pack_index;
mod packs;
mod scene;
mod tree;
mod worktree;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use diff::{ComponentDiff, EntityDiff, differences};
use git2::{ObjectType, Oid, Repository, RepositoryInitOptions};
pub use history::History;
pub use message::{AuditCommit, CommitInfo};
use uuid::Uuid;
use vibesync_scene::{Code, Entity, ProjectId, Row, SCHEMA_VERSION};

use crate::disk::{At, Disk, DiskError};
use files::{PROJECT_FILE, entity_json};
use objects::Gathering;
use packs::Packs;
use scene::{ENTITIES, Edit, File};

/// What gathers in memory before it is written even where nobody asks for it.
const GATHERED: usize = 4 * 1024 * 1024;

/// Objects after which the repository is opened anew: libgit2 keeps what it has read, without end.
const KNOWN: usize = 10_000;

/// The repository cannot be used now (VS-5005); trying again later is safe.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// libgit2 refused.
    #[error("audit repository: {0}")]
    Git(#[from] git2::Error),
    /// The disk refused.
    #[error("audit repository: {0}")]
    Disk(#[from] DiskError),
    /// What it holds is not what this program writes.
    #[error("audit repository: {0}")]
    Content(String),
}

impl AuditError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            AuditError::Disk(error) => error.code_or(Code::AuditUnavailable),
            AuditError::Git(_) | AuditError::Content(_) => Code::AuditUnavailable,
        }
    }
}

/// The newest commit.
#[derive(Clone, Copy)]
struct Tip {
    commit: Oid,
    tree: Oid,
    seq: u64,
}

/// The repository, with its one writer.
pub struct Audit {
    disk: Arc<dyn Disk>,
    root: PathBuf,
    history: History,
    packs: Packs,
    project: Vec<u8>,
    /// Of what is durable.
    tip: Option<Tip>,
    /// Of what gathers.
    head: Option<Tip>,
    gathering: Gathering,
    /// Sequences of the first and the last commit that gather. A commit that is in a pack already, since the branch
    /// could not be written after it, is none of them: packs are named by what they hold.
    gathered: Option<(u64, u64)>,
    /// Objects written since the repository was opened; about as many were read.
    known: usize,
}

impl Audit {
    /// Opens the repository at `root`, creating it.
    pub fn open(
        disk: Arc<dyn Disk>,
        root: &Path,
        project_id: ProjectId,
    ) -> Result<Self, AuditError> {
        let git = root.join(".git");
        let repository = match branch::exists(&git) {
            true => Repository::open(root)?,
            // None, or one that was being made when the power went: it may lack a setting.
            false => create(&*disk, root, &git)?,
        };
        let history = History { repository };
        let tip = tip(&history)?;
        let seq = tip.map_or(0, |tip| tip.seq);
        let packs = Packs::open(Arc::clone(&disk), &git.join("objects/pack"), seq)?;
        let project = files::project_json(project_id, SCHEMA_VERSION)?;
        worktree::project(&*disk, root, &project)?;
        // What was removed from the folder of packs must not be looked for.
        let history = History {
            repository: Repository::open(root)?,
        };
        Ok(Self {
            disk,
            root: root.to_owned(),
            history,
            packs,
            project,
            tip,
            head: tip,
            gathering: Gathering::new(),
            gathered: None,
            known: 0,
        })
    }

    /// Adds a commit of what changed; it is in the repository after [`Audit::flush`]. A sequence that is committed
    /// already does nothing; otherwise the commit's id is given back.
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
        let id = self.finish(commit, entities, edits)?;
        if self.gathering.bytes() > GATHERED {
            self.spill()?;
        }
        Ok(Some(id))
    }

    /// Adds a commit of the whole scene, whatever the one before holds: where the history does not reach up to the
    /// log that there is. `commit.rows` is not looked at.
    pub fn add_snapshot<E: From<AuditError>>(
        &mut self,
        commit: &AuditCommit<'_>,
        entities: impl Iterator<Item = Result<Entity, E>>,
    ) -> Result<String, E> {
        self.spill()?;
        let own = (commit.seq, commit.seq);
        let mut edits = Vec::new();
        for entity in entities {
            let entity = entity?;
            let content = entity_json(&entity)?;
            let oid = self.put(ObjectType::Blob, content, None, &[])?;
            edits.push(Edit::new(entity.uuid, File::Stored(oid)));
            if self.gathering.bytes() > GATHERED {
                self.write_pack(own)?;
            }
        }
        let id = self.finish(commit, None, edits)?;
        self.gathered = None;
        self.write_pack(own)?;
        Ok(id)
    }

    /// Makes what was added durable: packs first, the branch last. After an error what was added is forgotten, and
    /// can be added again.
    pub fn flush(&mut self) -> Result<(), AuditError> {
        let flushed = self.write();
        if flushed.is_ok() {
            self.tip = self.head;
        }
        self.discard();
        flushed
    }

    /// Forgets what was added since the last flush.
    pub fn discard(&mut self) {
        self.gathering = Gathering::new();
        self.gathered = None;
        self.head = self.tip;
    }

    /// [`Audit::add`] and [`Audit::flush`].
    pub fn commit(&mut self, commit: &AuditCommit<'_>) -> Result<Option<String>, AuditError> {
        let id = self.add(commit)?;
        self.flush()?;
        Ok(id)
    }

    /// Joins small packs where there are many; one step, not more. True where there was something to do; `enough`
    /// ends it early.
    pub fn compact(&mut self, enough: &dyn Fn() -> bool) -> Result<bool, AuditError> {
        let Some(tip) = self.tip else {
            return Ok(false);
        };
        let Some(names) = compact::due(&self.packs)? else {
            return Ok(false);
        };
        let repository = &self.history.repository;
        let done = compact::compact(repository, &self.packs, tip.commit, &names, enough);
        // libgit2 holds on to packs that are gone.
        self.history.repository = Repository::open(&self.root)?;
        done
    }

    /// Log sequence of the newest durable commit; 0 where there is none.
    pub fn last_seq(&self) -> u64 {
        self.tip.map_or(0, |tip| tip.seq)
    }

    /// Whether the newest commit is laid out as this program does it; else [`Audit::add_snapshot`] has to be next.
    pub fn has_current_layout(&self) -> Result<bool, AuditError> {
        let Some(folder) = self.entities()? else {
            return Ok(true);
        };
        let repository = &self.history.repository;
        Ok(scene::is_current_layout(
            &self.gathering.read(repository, folder)?,
        ))
    }

    /// The history that it writes.
    pub fn history(&self) -> &History {
        &self.history
    }

    fn entities(&self) -> Result<Option<Oid>, AuditError> {
        let Some(head) = self.head else {
            return Ok(None);
        };
        let root = self.gathering.read(&self.history.repository, head.tree)?;
        Ok(tree::get(&root, ENTITIES.as_bytes()))
    }

    /// The commit of these edits to this folder of entities.
    fn finish(
        &mut self,
        commit: &AuditCommit<'_>,
        entities: Option<Oid>,
        mut edits: Vec<Edit>,
    ) -> Result<String, AuditError> {
        let repository = &self.history.repository;
        let entities = scene::edit(&mut self.gathering, repository, entities, &mut edits)?;
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
        if self.gathering.contains(oid) {
            self.gathered = Some((self.gathered.map_or(seq, |(first, _)| first), seq));
        }
        self.head = Some(Tip {
            commit: oid,
            tree,
            seq,
        });
        Ok(oid.to_string())
    }

    /// Adds an object that names these, and maybe others.
    fn put(
        &mut self,
        kind: ObjectType,
        content: Vec<u8>,
        before: Option<Oid>,
        named: &[Oid],
    ) -> Result<Oid, AuditError> {
        let repository = &self.history.repository;
        let names_new = named.iter().any(|oid| self.gathering.contains(*oid));
        self.gathering
            .put(repository, kind, content, before, names_new)
    }

    /// Writes the commits that gathered as a pack. The branch does not know of them yet.
    fn spill(&mut self) -> Result<(), AuditError> {
        match self.gathered.take() {
            Some(sequences) => self.write_pack(sequences),
            None => Ok(()),
        }
    }

    fn write_pack(&mut self, sequences: (u64, u64)) -> Result<(), AuditError> {
        let gathered = std::mem::replace(&mut self.gathering, Gathering::new());
        if gathered.is_empty() {
            return Ok(());
        }
        self.known += gathered.len();
        let (pack, index) = gathered.finish();
        let name = self.packs.free_name(sequences)?;
        self.packs.write(name, &pack, &index)?;
        if self.known > KNOWN {
            self.history.repository = Repository::open(&self.root)?;
            self.known = 0;
        } else {
            self.history.repository.odb()?.refresh()?;
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), AuditError> {
        let Some(head) = self.head else {
            return Ok(());
        };
        if self.tip.is_some_and(|tip| tip.commit == head.commit) {
            return Ok(());
        }
        self.spill()?;
        let git = self.root.join(".git");
        branch::set(&*self.disk, &git, head.commit)?;
        let repository = &self.history.repository;
        let root = self.gathering.read(repository, head.tree)?;
        worktree::follow(&*self.disk, &git, &root)
    }
}

fn create(disk: &dyn Disk, root: &Path, git: &Path) -> Result<Repository, AuditError> {
    if git.exists() {
        fs::remove_dir_all(git).at("remove", git)?;
    }
    let mut options = RepositoryInitOptions::new();
    options.initial_head("main").external_template(false);
    let repository = Repository::init_opts(root, &options)?;
    let mut config = repository.config()?;
    config.set_bool("core.autocrlf", false)?;
    worktree::configure(disk, git, &mut config)?;
    Ok(repository)
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
