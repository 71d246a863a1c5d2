//! libgit2 alone: the same files and folders, written through its pack builder as one pack, and as durable as ours.
//!
//! New objects go into a store in memory, so libgit2 searches no pack for them. That is the quickest way that it offers.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use git2::{ObjectType, Odb, Oid, Repository, Signature};
use uuid::Uuid;
use vibesync_store::durable;

use crate::harness::Fallible;

const BRANCH: &str = "refs/heads/main";
const ENTITIES: &str = "entities";
const FOLDER: &str = "40000";
const FILE: &str = "100644";
/// Number of folders above a file, one for each of the last digits of its uuid.
const LEVELS: usize = 3;

/// A copy of a repository.
pub struct Git {
    repository: Repository,
    git: PathBuf,
    /// Root folder and commit.
    head: (Oid, Oid),
    /// The folder of entities in the newest commit; none before the first one.
    entities: Option<Oid>,
}

/// The entries of a folder: for each name its mode and object. No name begins with that of a folder beside it.
type Entries = BTreeMap<String, (String, Oid)>;

impl Git {
    /// Copies the repository at `from` to the new folder `to`.
    pub fn copy(from: &Path, to: &Path) -> Fallible<Self> {
        copy(&from.join(".git"), &to.join(".git"))?;
        let repository = Repository::open(to)?;
        let commit = repository.find_reference(BRANCH)?.peel_to_commit()?;
        let head = (commit.tree_id(), commit.id());
        drop(commit);
        Ok(Self {
            repository,
            git: to.join(".git"),
            head,
            entities: None,
        })
    }

    /// Commits files; durable on return.
    pub fn commit(&mut self, files: &[(Uuid, Vec<u8>)]) -> Fallible {
        let store = Odb::new()?;
        store.add_new_mempack_backend(1)?;
        let mut new = New {
            before: self.repository.odb()?,
            store: &store,
            oids: Vec::new(),
        };
        let mut sorted: Vec<_> = files
            .iter()
            .map(|(uuid, content)| (uuid.to_string(), content.as_slice()))
            .collect();
        sorted.sort_by(|(a, _), (b, _)| folders(a).cmp(folders(b)));
        let mut root = new.read(Some(self.head.0))?;
        let entities = root.get(ENTITIES).map(|(_, oid)| *oid);
        let entities = new.folder(entities, &sorted, 0)?;
        root.insert(ENTITIES.into(), (FOLDER.into(), entities));
        let tree = new.write_folder(&root)?;
        let person = Signature::now("VibeSync", "vibesync@localhost")?;
        let content = format!(
            "tree {tree}\nparent {}\nauthor {person} 0 +0000\ncommitter {person} 0 +0000\n\nMove\n",
            self.head.1
        );
        let commit = new.write(ObjectType::Commit, content.as_bytes())?;
        let oids = std::mem::take(&mut new.oids);
        drop(new);
        self.write_pack(store, &oids)?;
        durable::write(&self.git.join(BRANCH), format!("{commit}\n").as_bytes())?;
        self.repository.odb()?.refresh()?;
        self.head = (tree, commit);
        self.entities = Some(entities);
        Ok(())
    }

    /// Returns the folder of entities in the newest commit.
    pub fn entities(&self) -> Option<Oid> {
        self.entities
    }

    fn write_pack(&self, store: Odb<'_>, oids: &[Oid]) -> Fallible {
        let repository = Repository::from_odb(store)?;
        let mut builder = repository.packbuilder()?;
        builder.set_threads(0);
        for oid in oids {
            builder.insert_object(*oid, None)?;
        }
        let folder = self.git.join("objects/pack");
        builder.write(&folder, 0)?;
        let name = builder.name()?.ok_or("the pack has no name")?.to_owned();
        for suffix in ["pack", "idx"] {
            File::open(folder.join(format!("pack-{name}.{suffix}")))?.sync_all()?;
        }
        Ok(File::open(folder)?.sync_all()?)
    }
}

/// Returns the folder of entities in the newest commit of the repository at `root`.
pub fn entities(root: &Path) -> Fallible<Option<Oid>> {
    let repository = Repository::open(root)?;
    let tree = repository.find_reference(BRANCH)?.peel_to_tree()?;
    Ok(tree.get_name(ENTITIES).map(|entry| entry.id()))
}

/// The objects of a commit.
struct New<'a> {
    before: Odb<'a>,
    store: &'a Odb<'a>,
    oids: Vec<Oid>,
}

impl New<'_> {
    fn write(&mut self, kind: ObjectType, content: &[u8]) -> Fallible<Oid> {
        let oid = self.store.write(kind, content)?;
        self.oids.push(oid);
        Ok(oid)
    }

    fn read(&self, folder: Option<Oid>) -> Fallible<Entries> {
        let mut entries = Entries::new();
        let Some(folder) = folder else {
            return Ok(entries);
        };
        let object = self.before.read(folder)?;
        let mut rest = object.data();
        while let Some(end) = rest.iter().position(|byte| *byte == 0) {
            let (entry, after) = rest.split_at(end + 1);
            let (oid, after) = after.split_at_checked(20).ok_or("a folder is cut off")?;
            let entry = std::str::from_utf8(entry)?.trim_end_matches('\0');
            let (mode, name) = entry.split_once(' ').ok_or("an entry has no name")?;
            entries.insert(name.to_owned(), (mode.to_owned(), Oid::from_bytes(oid)?));
            rest = after;
        }
        Ok(entries)
    }

    fn write_folder(&mut self, entries: &Entries) -> Fallible<Oid> {
        let mut content = Vec::new();
        for (name, (mode, oid)) in entries {
            content.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            content.extend_from_slice(oid.as_bytes());
        }
        self.write(ObjectType::Tree, &content)
    }

    /// Writes files, sorted by their folders, and the folders above them from this level on.
    fn folder(
        &mut self,
        folder: Option<Oid>,
        files: &[(String, &[u8])],
        level: usize,
    ) -> Fallible<Oid> {
        let mut entries = self.read(folder)?;
        if level == LEVELS {
            for (uuid, content) in files {
                let oid = self.write(ObjectType::Blob, content)?;
                entries.insert(format!("{uuid}.json"), (FILE.into(), oid));
            }
            return self.write_folder(&entries);
        }
        let digit = |uuid: &str| folders(uuid).get(level..=level).unwrap_or("0").to_owned();
        for group in files.chunk_by(|(a, _), (b, _)| digit(a) == digit(b)) {
            let name = group.first().map(|(uuid, _)| digit(uuid));
            let name = name.unwrap_or_default();
            let child = entries.get(&name).map(|(_, oid)| *oid);
            let child = self.folder(child, group, level + 1)?;
            entries.insert(name, (FOLDER.into(), child));
        }
        self.write_folder(&entries)
    }
}

fn folders(uuid: &str) -> &str {
    uuid.get(uuid.len() - LEVELS..).unwrap_or_default()
}

fn copy(from: &Path, to: &Path) -> Fallible {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => drop(fs::copy(entry.path(), target)?),
        }
    }
    Ok(())
}
