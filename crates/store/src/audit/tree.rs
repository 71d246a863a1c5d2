//! Git's encoding of folders: entries `<mode> <name>\0<20 bytes of id>`, sorted by name.
//!
//! A change of one entity rewrites a few folders, so entries are found and replaced in the encoded bytes.

use std::ops::Range;

use git2::Oid;

const FOLDER: &[u8] = b"40000";
const FILE: &[u8] = b"100644";
const ID: usize = 20;

/// One entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item<'a> {
    pub is_folder: bool,
    pub name: &'a [u8],
    pub oid: Oid,
}

/// Iterates over the entries of a folder, each with its range of bytes. Ends at malformed bytes.
pub(super) fn items(tree: &[u8]) -> impl Iterator<Item = (Range<usize>, Item<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = tree.get(at..)?;
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let oid = Oid::from_bytes(rest.get(end + 1..end + 1 + ID)?).ok()?;
        let item = Item {
            is_folder: rest.get(..space)? == FOLDER,
            name: rest.get(space + 1..end)?,
            oid,
        };
        let range = at..at + end + 1 + ID;
        at = range.end;
        Some((range, item))
    })
}

/// Finds an entry by its name. The folder must not have a file whose name begins with the name of one of its folders.
pub(super) fn get(tree: &[u8], name: &[u8]) -> Option<Oid> {
    items(tree)
        .find(|(_, item)| item.name == name)
        .map(|(_, item)| item.oid)
}

/// Inserts, replaces or removes an entry.
pub(super) fn set(tree: &mut Vec<u8>, is_folder: bool, name: &[u8], oid: Option<Oid>) {
    let found = items(tree).find(|(_, item)| item.name >= name);
    let range = match found {
        Some((range, item)) if item.name == name => range,
        Some((range, _)) => range.start..range.start,
        None => tree.len()..tree.len(),
    };
    let mode = if is_folder { FOLDER } else { FILE };
    let entry = oid.map(|oid| [mode, b" ", name, b"\0", oid.as_bytes()].concat());
    tree.splice(range, entry.unwrap_or_default());
}
