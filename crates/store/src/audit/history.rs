//! Reads the repository: the commits, the scene at a commit, and the difference of two commits.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use git2::{Commit, ErrorCode, Oid, Repository};
use uuid::Uuid;
use vibesync_scene::{BlobId, Entity};

use super::branch;
use super::diff::EntityDiff;
use super::error::AuditError;
use super::files;
use super::message::{self, CommitInfo};
use super::repository;

/// Fewest hex digits that identify a commit.
const SHORTEST: usize = 4;

/// The history, open for reading; the daemon may append meanwhile.
pub struct History {
    pub(super) repository: Repository,
    git: PathBuf,
}

impl History {
    /// Opens the repository at `root`; none if it has no commit yet.
    pub fn open(root: &Path) -> Result<Option<Self>, AuditError> {
        if !branch::exists(&root.join(".git")) {
            return Ok(None);
        }
        Ok(Some(Self::new(repository::open(root)?, root)))
    }

    /// Names an open repository and its folder.
    pub(super) fn new(repository: Repository, root: &Path) -> Self {
        let git = root.join(".git");
        Self { repository, git }
    }

    /// Log sequence of the newest commit; 0 if there is none.
    pub fn last_seq(&self) -> Result<u64, AuditError> {
        self.head()?.as_ref().map_or(Ok(0), message::seq)
    }

    /// The commits, newest first.
    pub fn log(&self) -> Result<impl Iterator<Item = Result<CommitInfo, AuditError>>, AuditError> {
        let commits = self.commits()?;
        Ok(commits.map(|commit| message::read(&commit?)))
    }

    /// Finds a commit by its id or the first digits of it; none if there is no such commit. Ambiguous digits are an
    /// error.
    pub fn find(&self, id: &str) -> Result<Option<CommitInfo>, AuditError> {
        let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if id.len() < SHORTEST || !is_hex {
            return Ok(None);
        }
        match self.repository.find_commit_by_prefix(id) {
            Ok(commit) => message::read(&commit).map(Some),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Finds the newest commit up to a log sequence.
    pub fn commit_at(&self, seq: u64) -> Result<Option<CommitInfo>, AuditError> {
        for item in self.log()? {
            let item = item?;
            if item.seq <= seq {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Returns all entities of a commit, given its full id ([`CommitInfo::commit`]).
    pub fn entities(&self, commit: &str) -> Result<Vec<Entity>, AuditError> {
        files::entities(&self.repository, &self.commit(commit)?.tree()?)
    }

    /// Returns the entities that differ between two commits, given their full ids. Skips folders that are equal in
    /// both.
    pub fn diff(&self, from: &str, to: &str) -> Result<Vec<EntityDiff>, AuditError> {
        let (from, to) = (self.commit(from)?.tree()?, self.commit(to)?.tree()?);
        files::changed(&self.repository, &from, &to)
    }

    /// Returns the entities that were deleted before or in a commit, given its full id, each with its last content. Looks
    /// at every commit up to it.
    pub fn deleted(&self, commit: &str) -> Result<Vec<Entity>, AuditError> {
        let mut newer = self.commit(commit)?;
        let live = files::entities(&self.repository, &newer.tree()?)?;
        let mut seen: BTreeSet<Uuid> = live.iter().map(|entity| entity.uuid).collect();
        let mut deleted = Vec::new();
        while let Some(older) = newer.parents().next() {
            let removed = files::removed(&self.repository, &older.tree()?, &newer.tree()?)?;
            deleted.extend(removed.into_iter().filter(|it| seen.insert(it.uuid)));
            newer = older;
        }
        Ok(deleted)
    }

    /// Passes the blobs that each commit brings or replaces to `visit`, with its log sequence. Returns false if it was
    /// interrupted.
    pub fn for_each_blob(
        &self,
        visit: &mut dyn FnMut(BlobId, u64),
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, AuditError> {
        for commit in self.commits()? {
            if is_interrupted() {
                return Ok(false);
            }
            let commit = commit?;
            let seq = message::seq(&commit)?;
            let parent = commit.parents().next();
            let before = parent.map(|parent| parent.tree()).transpose()?;
            let (repository, after) = (&self.repository, commit.tree()?);
            files::for_each_blob(repository, before.as_ref(), &after, &mut |id| {
                visit(id, seq);
            })?;
        }
        Ok(true)
    }

    fn commit(&self, id: &str) -> Result<Commit<'_>, AuditError> {
        Ok(self.repository.find_commit(Oid::from_str(id)?)?)
    }

    pub(super) fn commits(
        &self,
    ) -> Result<impl Iterator<Item = Result<Commit<'_>, AuditError>>, AuditError> {
        let mut next = self.head()?;
        Ok(std::iter::from_fn(move || {
            let commit = next.take()?;
            // The history is linear: each commit has one parent.
            match commit.parents().next() {
                None if commit.parent_count() > 0 => {
                    let missing = format!("the parent of commit {} is missing", commit.id());
                    Some(Err(AuditError::Damaged(missing)))
                }
                parent => {
                    next = parent;
                    Some(Ok(commit))
                }
            }
        }))
    }

    pub(super) fn head(&self) -> Result<Option<Commit<'_>>, AuditError> {
        // The branch, not HEAD: a person may have checked out another commit.
        let head = branch::read(&self.git)?;
        Ok(head
            .map(|head| self.repository.find_commit(head))
            .transpose()?)
    }
}
