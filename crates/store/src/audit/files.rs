//! The files of the audit: where an entity is, and how it is written. The same bytes go into the work tree and the
//! commit.

use std::fs;
use std::path::Path;

use git2::{ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};
use serde::Serialize;
use uuid::Uuid;
use vibesync_scene::{Entity, ProjectId};

use super::AuditError;
use super::diff::EntityDiff;
use crate::disk::{Access, At, Disk, RealDisk};
use crate::durable;

/// Says which project this is.
pub(super) const PROJECT_FILE: &str = "project.json";
const ENTITIES: &str = "entities";

/// `entities/ab/<uuid>.json`, with `/` on every system, as git has it.
pub(super) fn entity_path(uuid: Uuid) -> String {
    let [first, ..] = uuid.as_bytes();
    format!("{ENTITIES}/{first:02x}/{uuid}.json")
}

pub(super) fn entity_json(entity: &Entity) -> Result<Vec<u8>, AuditError> {
    pretty(entity)
}

pub(super) fn project_json(project_id: ProjectId, schema: u32) -> Result<Vec<u8>, AuditError> {
    #[derive(Serialize)]
    struct Project {
        schema_version: u32,
        project_id: ProjectId,
    }
    pretty(&Project {
        schema_version: schema,
        project_id,
    })
}

fn pretty(value: &impl Serialize) -> Result<Vec<u8>, AuditError> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|error| AuditError::Content(error.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Puts a file into the work tree.
pub(super) fn write(root: &Path, path: &str, bytes: &[u8]) -> Result<(), AuditError> {
    let path = root.join(path);
    let dir = durable::folder(&path);
    RealDisk.create_dir(dir).at("create folder", dir)?;
    Ok(durable::replace(&RealDisk, &path, bytes, Access::Default)?)
}

/// Takes a file out of the work tree, and its folder if it was the last one.
pub(super) fn remove(root: &Path, path: &str) -> Result<(), AuditError> {
    let path = root.join(path);
    if path.exists() {
        fs::remove_file(&path).at("remove", &path)?;
        // Fails, as it should, where other files are left.
        let _ = fs::remove_dir(durable::folder(&path));
    }
    Ok(())
}

/// Every entity that a commit's tree holds.
pub(super) fn entities(
    repository: &Repository,
    tree: &Tree<'_>,
) -> Result<Vec<Entity>, AuditError> {
    let Some(folder) = tree.get_name(ENTITIES) else {
        return Ok(Vec::new());
    };
    let folder = repository.find_tree(folder.id())?;
    let mut blobs = Vec::new();
    folder.walk(TreeWalkMode::PreOrder, |_, entry| {
        if entry.kind() == Some(ObjectType::Blob) {
            blobs.push(entry.id());
        }
        TreeWalkResult::Ok
    })?;
    blobs
        .into_iter()
        .map(|oid| entity(repository, oid))
        .collect()
}

/// The entities whose files differ between two trees.
pub(super) fn changed(
    repository: &Repository,
    from: &Tree<'_>,
    to: &Tree<'_>,
) -> Result<Vec<EntityDiff>, AuditError> {
    let read = |oid: Oid| match oid.is_zero() {
        true => Ok(None),
        false => entity(repository, oid).map(Some),
    };
    let mut changed = Vec::new();
    for delta in repository
        .diff_tree_to_tree(Some(from), Some(to), None)?
        .deltas()
    {
        let (old, new) = (delta.old_file(), delta.new_file());
        let path = new.path().or(old.path()).unwrap_or(Path::new(""));
        if !path.starts_with(ENTITIES) {
            continue;
        }
        let (before, after) = (read(old.id())?, read(new.id())?);
        let uuid = before.as_ref().or(after.as_ref()).map(|entity| entity.uuid);
        changed.extend(uuid.and_then(|uuid| EntityDiff::new(uuid, before, after)));
    }
    Ok(changed)
}

fn entity(repository: &Repository, oid: Oid) -> Result<Entity, AuditError> {
    let blob = repository.find_blob(oid)?;
    serde_json::from_slice(blob.content())
        .map_err(|error| AuditError::Content(format!("file {oid}: {error}")))
}
