//! The files in a commit: their encoding and decoding.

use std::path::Path;

use git2::{Delta, ObjectType, Oid, Repository, Tree, TreeWalkMode, TreeWalkResult};
use serde::Serialize;
use vibesync_scene::{BlobId, Entity, ProjectId};

use super::diff::EntityDiff;
use super::error::AuditError;
use super::scene::ENTITIES;

/// The file that identifies the project.
pub(super) const PROJECT_FILE: &str = "project.json";

/// The key of a blob in a file.
const BLOB_KEY: &[u8] = b"\"blob\"";

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
    let mut bytes = serde_json::to_vec_pretty(value).map_err(AuditError::Encode)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Returns all entities of a commit's tree.
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

/// Returns the entities whose files differ between two trees.
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

/// Returns the entities whose files are in `from`, and not in `to`.
pub(super) fn removed(
    repository: &Repository,
    from: &Tree<'_>,
    to: &Tree<'_>,
) -> Result<Vec<Entity>, AuditError> {
    let diff = repository.diff_tree_to_tree(Some(from), Some(to), None)?;
    let removed = diff
        .deltas()
        .filter(|delta| delta.status() == Delta::Deleted);
    let files = removed.map(|delta| delta.old_file());
    let entities = files.filter(|file| file.path().is_some_and(|path| path.starts_with(ENTITIES)));
    entities.map(|file| entity(repository, file.id())).collect()
}

/// Passes the blobs of the entities whose files differ between two trees to `visit`.
pub(super) fn for_each_blob(
    repository: &Repository,
    from: Option<&Tree<'_>>,
    to: &Tree<'_>,
    visit: &mut dyn FnMut(BlobId),
) -> Result<(), AuditError> {
    let diff = repository.diff_tree_to_tree(from, Some(to), None)?;
    for delta in diff.deltas() {
        let files = [delta.old_file(), delta.new_file()];
        let files = files.iter().filter(|file| !file.id().is_zero());
        let is_entity = |path: &Path| path.starts_with(ENTITIES);
        for file in files.filter(|file| file.path().is_some_and(is_entity)) {
            let content = repository.find_blob(file.id())?;
            // Most entities have no bulk data, and their files need not be parsed.
            if find(content.content(), BLOB_KEY) {
                let entity = entity(repository, file.id())?;
                entity.components.blobs().for_each(&mut *visit);
            }
        }
    }
    Ok(())
}

fn find(content: &[u8], key: &[u8]) -> bool {
    content.windows(key.len()).any(|part| part == key)
}

fn entity(repository: &Repository, oid: Oid) -> Result<Entity, AuditError> {
    let blob = repository.find_blob(oid)?;
    serde_json::from_slice(blob.content()).map_err(|source| AuditError::File { oid, source })
}
