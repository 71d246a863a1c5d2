//! Blobs that are stored as a patch of another one. A brush stroke changes kilobytes of a mesh of many megabytes, and the
//! disk is the slowest part of storing all of it.
//!
//! A file `blobs/ab/abcdef....patch` holds the address of the base, the length of the content, and the words that differ. It
//! is written once, and durable before a record names the blob, as any other file of a blob. A chain of patches ends at a
//! whole blob after [`MAX_LINKS`] files at most, because the next blob is then stored whole. The hash of the content proves
//! all files of the chain together; a hash of its own tells which file of a chain is damaged.

use std::io;
use std::path::PathBuf;

use vibesync_scene::{BlobId, apply_patch};

use crate::blobs::{BlobError, BlobStore, StagedBlob, read_all};
use crate::disk::{DiskFile, WithContext};

/// Most patches between a blob and a whole one.
const MAX_LINKS: u32 = 32;

/// The patches of a chain have at most this part of the bytes of the content.
const MAX_SHARE: u64 = 4;

/// Smallest content that is stored as a patch: a smaller one is quickly written.
const MIN_BYTES: u64 = 1 << 20;

/// The first bytes of the file.
const MAGIC: &[u8; 8] = b"VSPATCH1";

/// The extension of the file.
pub(crate) const EXTENSION: &str = ".patch";

/// The place of a patch in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The blob that the patch applies to.
    pub base: BlobId,
    /// Bytes of the content.
    length: u64,
    /// Bytes of all patches from here to a whole blob.
    patch_bytes: u64,
    /// Number of patches from here to a whole blob.
    links: u32,
}

impl Link {
    /// Returns the bytes of a file.
    fn encode(&self, patch: &[u8]) -> Vec<u8> {
        let mut rest = self.base.as_bytes().to_vec();
        rest.extend_from_slice(&self.length.to_le_bytes());
        rest.extend_from_slice(&self.patch_bytes.to_le_bytes());
        rest.extend_from_slice(&self.links.to_le_bytes());
        rest.extend_from_slice(patch);
        let hash = BlobId::hash(&rest);
        [MAGIC.as_slice(), hash.as_bytes(), &rest].concat()
    }

    /// Reads the bytes of a file; none if they are not as they were written.
    fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (hash, rest) = bytes.strip_prefix(MAGIC)?.split_first_chunk()?;
        if BlobId::hash(rest) != BlobId::from_bytes(*hash) {
            return None;
        }
        let (base, rest) = rest.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (patch_bytes, rest) = rest.split_first_chunk()?;
        let (links, patch) = rest.split_first_chunk()?;
        let link = Self {
            base: BlobId::from_bytes(*base),
            length: u64::from_le_bytes(*length),
            patch_bytes: u64::from_le_bytes(*patch_bytes),
            links: u32::from_le_bytes(*links),
        };
        Some((link, patch))
    }
}

/// Reads the address of the base from the head of a file; none if the file is too short.
pub(crate) fn base_in(file: &mut dyn DiskFile) -> io::Result<Option<BlobId>> {
    let mut base = [0; 32];
    let offset = MAGIC.len() as u64 + 32;
    let read = file.read_at(offset, &mut base)?;
    Ok((read == base.len()).then(|| BlobId::from_bytes(base)))
}

impl BlobStore {
    /// Returns how a content may be stored as a patch of an intact blob; none if it must be stored whole.
    pub fn link(&self, base: BlobId, length: u64, patch: &[u8]) -> Option<Link> {
        if length < MIN_BYTES || !self.has_intact(base) {
            return None;
        }
        let is_whole = self.disk.exists(&self.path(base)).unwrap_or(false);
        let (before, links) = match is_whole {
            true => (0, 0),
            false => {
                let (link, _) = self.read_link(base).ok()?;
                (link.patch_bytes, link.links)
            }
        };
        let link = Link {
            base,
            length,
            patch_bytes: before.saturating_add(patch.len() as u64),
            links: links.saturating_add(1),
        };
        (link.links <= MAX_LINKS && link.patch_bytes <= length / MAX_SHARE).then_some(link)
    }

    /// Creates the file of a blob that is stored as a patch.
    pub fn stage_link(&self, link: Link, patch: &[u8]) -> Result<StagedBlob, BlobError> {
        let mut staged = self.stage_bytes([link.encode(patch).as_slice()])?;
        staged.is_link = true;
        Ok(staged)
    }

    pub(crate) fn link_path(&self, id: BlobId) -> PathBuf {
        let mut name = self.path(id).into_os_string();
        name.push(EXTENSION);
        name.into()
    }

    /// Reads the file of a patch.
    pub(crate) fn read_link(&self, id: BlobId) -> Result<(Link, Vec<u8>), BlobError> {
        let path = self.link_path(id);
        let file = match self.disk.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BlobError::Missing(id));
            }
            opened => opened.with_context("open", &path)?,
        };
        let bytes = read_all(id, file, &path)?;
        let (link, patch) =
            Link::decode(&bytes).ok_or_else(|| damaged(id, "its patch is not as it was stored"))?;
        Ok((link, patch.to_vec()))
    }

    /// Returns the length of a blob that is stored as a patch, if the chain is complete.
    pub(crate) fn length_of_links(&self, id: BlobId) -> Result<u64, BlobError> {
        let (first, _) = self.read_link(id)?;
        let mut link = first;
        for _ in 0..=MAX_LINKS {
            let whole = self.path(link.base);
            if self.disk.exists(&whole).with_context("look for", &whole)? {
                return Ok(first.length);
            }
            (link, _) = self.read_link(link.base).map_err(|error| of(id, error))?;
        }
        Err(damaged(id, "its patches have no end"))
    }

    /// Reads a blob that is stored as a patch. Does not check it.
    pub(crate) fn read_links(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        let (first, patch) = self.read_link(id)?;
        let mut base = first.base;
        let mut patches = vec![patch];
        let mut content = loop {
            match self.open_file(base) {
                Ok((file, path)) => break read_all(base, file, &path)?,
                Err(BlobError::Missing(_)) if patches.len() <= MAX_LINKS as usize => {}
                Err(error) => return Err(of(id, error)),
            }
            let (link, patch) = self.read_link(base).map_err(|error| of(id, error))?;
            base = link.base;
            patches.push(patch);
        };
        for patch in patches.iter().rev() {
            let applied = apply_patch(&mut content, patch);
            applied.map_err(|why| damaged(id, &why.to_string()))?;
        }
        Ok(content)
    }
}

fn damaged(id: BlobId, why: &str) -> BlobError {
    let why = why.to_owned();
    BlobError::Damaged { id, why }
}

/// Returns the error of a blob whose base cannot be read.
fn of(id: BlobId, error: BlobError) -> BlobError {
    match error {
        BlobError::Disk(error) => error.into(),
        lost => damaged(id, &format!("it is a patch, and {lost}")),
    }
}
