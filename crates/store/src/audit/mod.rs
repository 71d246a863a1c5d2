//! A git history of the scene: one commit a transaction, one small JSON file an entity.
//!
//! The folder is an ordinary repository, so `git log -p` reads as the history of the scene. It is made from the log:
//! whatever happens to it, nothing is lost, and commits that are missing are caught up from [`Audit::last_seq`] on.
//! The index is not kept up (that would cost a pass over all entities at each commit): `git reset` brings it up to date.

mod diff;
mod files;
mod history;
mod message;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub use diff::{ComponentDiff, EntityDiff, differences};
use git2::build::TreeUpdateBuilder;
use git2::{Commit, FileMode, Oid, Repository, RepositoryInitOptions, Signature, Time, Tree};
pub use history::History;
pub use message::{AuditCommit, LogItem};
use vibesync_scene::{Code, ProjectId, Row, SCHEMA_VERSION};

use crate::disk::{At, DiskError};
use files::{PROJECT_FILE, entity_json, entity_path};

/// A lock this old was left by a process that died: git holds one for milliseconds.
const STALE_LOCK: Duration = Duration::from_secs(5);
const BRANCH: &str = "refs/heads/main";

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

/// The repository.
pub struct Audit {
    history: History,
    root: PathBuf,
    project_id: ProjectId,
}

impl Audit {
    /// Opens the repository at `root`, creating it.
    pub fn open(root: &Path, project_id: ProjectId) -> Result<Self, AuditError> {
        let repository = if root.join(".git").exists() {
            Repository::open(root)?
        } else {
            let mut options = RepositoryInitOptions::new();
            options.initial_head("main").external_template(false);
            Repository::init_opts(root, &options)?
        };
        let mut config = repository.config()?;
        // A commit that is there after a crash must be whole; line ends must be those that were hashed.
        config.set_bool("core.fsyncObjectFiles", true)?;
        config.set_bool("core.autocrlf", false)?;
        let root = root.to_owned();
        let audit = Self {
            history: History { repository },
            root,
            project_id,
        };
        audit.history.head()?;
        Ok(audit)
    }

    /// Commits what changed, and writes the files of these entities. A sequence that is committed already does
    /// nothing; otherwise the commit's id is given back.
    pub fn commit(&self, commit: &AuditCommit<'_>) -> Result<Option<String>, AuditError> {
        self.remove_stale_locks()?;
        let head = self.history.head()?;
        if let Some(head) = &head
            && message::seq(head)? >= commit.seq
        {
            return Ok(None);
        }
        let parent = head.as_ref().map(Commit::tree).transpose()?;
        let tree = self.update(parent.as_ref(), commit.rows)?;
        let signature = signature(commit.timestamp)?;
        let oid = self.history.repository.commit(
            Some(BRANCH),
            &signature,
            &signature,
            &message::write(commit),
            &self.history.repository.find_tree(tree)?,
            &head.iter().collect::<Vec<_>>(),
        )?;
        Ok(Some(oid.to_string()))
    }

    /// Log sequence of the newest commit; 0 where there is none.
    pub fn last_seq(&self) -> Result<u64, AuditError> {
        self.history.last_seq()
    }

    /// The history that it writes.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The tree with these rows changed; only the shards that they are in are read or written.
    fn update(&self, parent: Option<&Tree<'_>>, rows: &[Row]) -> Result<Oid, AuditError> {
        let empty = self.history.repository.treebuilder(None)?.write()?;
        let empty = self.history.repository.find_tree(empty)?;
        let parent = parent.unwrap_or(&empty);
        let mut update = TreeUpdateBuilder::new();
        if parent.get_name(PROJECT_FILE).is_none() {
            let bytes = files::project_json(self.project_id, SCHEMA_VERSION)?;
            update.upsert(
                PROJECT_FILE,
                self.history.repository.blob(&bytes)?,
                FileMode::Blob,
            );
            files::write(&self.root, PROJECT_FILE, &bytes)?;
        }
        let last: BTreeMap<_, &Row> = rows.iter().map(|row| (row.entity.uuid, row)).collect();
        for (uuid, row) in last {
            let path = entity_path(uuid);
            if row.tombstone {
                if parent.get_path(Path::new(&path)).is_ok() {
                    update.remove(path.as_str());
                }
                files::remove(&self.root, &path)?;
            } else {
                let bytes = entity_json(&row.entity)?;
                let blob = self.history.repository.blob(&bytes)?;
                update.upsert(path.as_str(), blob, FileMode::Blob);
                files::write(&self.root, &path, &bytes)?;
            }
        }
        Ok(update.create_updated(&self.history.repository, parent)?)
    }

    fn remove_stale_locks(&self) -> Result<(), AuditError> {
        let git = self.history.repository.path();
        for lock in ["HEAD.lock".to_owned(), format!("{BRANCH}.lock")] {
            let path = git.join(lock);
            let made = fs::metadata(&path).and_then(|meta| meta.modified());
            let age = made
                .ok()
                .and_then(|made| SystemTime::now().duration_since(made).ok());
            if age.is_some_and(|age| age > STALE_LOCK) {
                fs::remove_file(&path).at("remove", &path)?;
            }
        }
        Ok(())
    }
}

fn signature(timestamp: &str) -> Result<Signature<'static>, AuditError> {
    let invalid = |why: &dyn ToString| {
        AuditError::Content(format!(
            "time {timestamp:?} of a commit: {}",
            why.to_string()
        ))
    };
    let time = humantime::parse_rfc3339(timestamp).map_err(|error| invalid(&error))?;
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_err(|error| invalid(&error))?;
    let seconds = i64::try_from(since.as_secs()).map_err(|error| invalid(&error))?;
    Ok(Signature::new(
        "VibeSync",
        "vibesync@localhost",
        &Time::new(seconds, 0),
    )?)
}
