//! The scene as folders: the path of an entity's file, and the update of the folders above changed entities.

use git2::{ObjectType, Oid, Repository};
use uuid::Uuid;

use super::error::AuditError;
use super::objects::PendingObjects;
use super::tree;

/// The folder of all entities.
pub(super) const ENTITIES: &str = "entities";
/// Number of folders above an entity, one for each of the last digits of its uuid. These digits are random in every
/// version of uuids. With 100,000 entities, a change rewrites three folders of 16 entries, and one of about 24.
const LEVELS: usize = 3;

/// The new state of an entity's file.
pub(super) enum File {
    /// A new content.
    New(Vec<u8>),
    /// An object that was added before.
    Stored(Oid),
    /// No file any more.
    Gone,
}

/// One file to change.
pub(super) struct Edit {
    name: String,
    file: File,
}

impl Edit {
    pub fn new(uuid: Uuid, file: File) -> Self {
        let name = format!("{uuid}.json");
        Self { name, file }
    }

    /// The names of the folders above it.
    fn folders(&self) -> &[u8] {
        let digits = self.name.as_bytes().get(..36).unwrap_or_default();
        digits.get(36 - LEVELS..).unwrap_or_default()
    }
}

/// Applies edits to the folder of all entities. Returns the new folder; none if no entity is left.
pub(super) fn edit(
    pending: &mut PendingObjects,
    repository: &Repository,
    folder: Option<Oid>,
    edits: &mut [Edit],
) -> Result<Option<Oid>, AuditError> {
    edits.sort_by(|a, b| (a.folders(), &a.name).cmp(&(b.folders(), &b.name)));
    descend(pending, repository, folder, edits, 0)
}

fn descend(
    pending: &mut PendingObjects,
    repository: &Repository,
    folder: Option<Oid>,
    edits: &mut [Edit],
    level: usize,
) -> Result<Option<Oid>, AuditError> {
    let old = folder.map(|oid| pending.read_folder(repository, oid));
    let mut entries = old.transpose()?.unwrap_or_default();
    let mut names_new = false;
    if level == LEVELS {
        for Edit { name, file } in edits {
            let name = name.as_bytes();
            let oid = match std::mem::replace(file, File::Gone) {
                File::Gone => None,
                File::Stored(oid) => Some(oid),
                File::New(content) => {
                    let before = tree::get(&entries, name);
                    let blob = ObjectType::Blob;
                    Some(pending.put(repository, blob, content, before, false)?)
                }
            };
            names_new |= oid.is_some_and(|oid| pending.contains(oid));
            tree::set(&mut entries, false, name, oid);
        }
    } else {
        let digit = |edit: &Edit| edit.folders().get(level).copied().unwrap_or(b'0');
        for group in edits.chunk_by_mut(|a, b| digit(a) == digit(b)) {
            let name = [group.first().map_or(b'0', digit)];
            let child = tree::get(&entries, &name);
            let child = descend(pending, repository, child, group, level + 1)?;
            names_new |= child.is_some_and(|child| pending.contains(child));
            tree::set(&mut entries, true, &name, child);
        }
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let oid = pending.put_folder(repository, entries, folder, names_new)?;
    Ok(Some(oid))
}

/// Whether a folder of entities has the layout of this version of the program.
pub(super) fn is_current_layout(folder: &[u8]) -> bool {
    tree::items(folder).all(|(_, item)| item.is_folder && item.name.len() == 1)
}
