//! Encodes a pack (`gitformat-pack`). An object is stored whole, or as the delta to an earlier version in the same
//! pack. So a pack never depends on another, and packs can be joined byte for byte.

use std::collections::HashMap;

use flate2::Crc;
use git2::{ObjectType, Oid};
use sha1::{Digest, Sha1};

use super::delta::{delta, size};
use super::error::AuditError;
use super::pack_index::{self, Entry};
use super::zlib::{self, Effort, Plain};

/// Length of the header, bytes: signature, version 2, number of objects.
pub(super) const HEADER: usize = 12;
/// Length of the SHA-1 at the end, bytes.
pub(super) const TRAILER: usize = 20;
const OFFSET_DELTA: u8 = 6;
/// Longest chain of deltas: reading an object follows the whole chain.
const MAX_DEPTH: u32 = 32;
/// Bytes of objects that are encoded together.
const BATCH: usize = 512 * 1024;

struct Position {
    /// Number of objects before it.
    index: usize,
    depth: u32,
}

/// An object that is not encoded yet: its content or a delta comes from the batch.
struct Queued {
    oid: Oid,
    kind: ObjectType,
    /// The position of the base of a delta.
    base: Option<usize>,
}

/// A pack in memory.
pub(super) struct Pack {
    bytes: Vec<u8>,
    /// The encoded objects in their order.
    entries: Vec<Entry>,
    /// The objects after these, and their contents.
    queued: Vec<Queued>,
    contents: Vec<Plain>,
    queued_bytes: usize,
    positions: HashMap<Oid, Position>,
    effort: Effort,
}

impl Pack {
    /// Makes an empty pack.
    pub fn new(effort: Effort) -> Self {
        Self {
            bytes: vec![0; HEADER],
            entries: Vec::new(),
            queued: Vec::new(),
            contents: Vec::new(),
            queued_bytes: 0,
            positions: HashMap::new(),
            effort,
        }
    }

    /// Whether the pack contains the object.
    pub fn contains(&self, oid: Oid) -> bool {
        self.positions.contains_key(&oid)
    }

    /// Length so far, bytes; that of the last objects before their compression.
    pub fn len(&self) -> usize {
        self.bytes.len() + self.queued_bytes
    }

    /// Adds an object that the pack does not contain. Stores it as the delta to `base` if the pack contains that, and
    /// if the delta is shorter.
    pub fn add(
        &mut self,
        oid: Oid,
        kind: ObjectType,
        content: &[u8],
        base: Option<(Oid, &[u8])>,
    ) -> Result<(), AuditError> {
        let near = base.and_then(|(oid, bytes)| Some((self.positions.get(&oid)?, bytes)));
        let short = near
            .filter(|(position, _)| position.depth < MAX_DEPTH)
            .map(|(position, bytes)| (position.index, position.depth + 1, delta(bytes, content)))
            .filter(|(.., delta)| delta.len() < content.len());
        let (base, depth, bytes) = match short {
            Some((base, depth, delta)) => (Some(base), depth, delta),
            None => (None, 0, content.to_vec()),
        };
        let index = self.entries.len() + self.queued.len();
        self.positions.insert(oid, Position { index, depth });
        self.queued_bytes += bytes.len();
        self.queued.push(Queued { oid, kind, base });
        let is_folder = kind == ObjectType::Tree;
        self.contents.push(Plain { bytes, is_folder });
        match self.queued_bytes < BATCH {
            true => Ok(()),
            false => self.encode_queued(),
        }
    }

    fn encode_queued(&mut self) -> Result<(), AuditError> {
        let contents = std::mem::take(&mut self.contents);
        self.queued_bytes = 0;
        let streams = zlib::streams(&contents, self.effort)?;
        let objects = std::mem::take(&mut self.queued).into_iter();
        for ((object, plain), stream) in objects.zip(&contents).zip(streams) {
            self.encode(&object, plain.bytes.len(), &stream)?;
        }
        Ok(())
    }

    fn encode(&mut self, object: &Queued, length: usize, stream: &[u8]) -> Result<(), AuditError> {
        let offset = self.bytes.len();
        let short = u32::try_from(offset)
            .map_err(|_| AuditError::Content("a pack is too large".to_owned()))?;
        match object.base {
            Some(base) => {
                let base = self.entries.get(base).map(|entry| entry.offset as usize);
                let base = base.ok_or_else(|| {
                    AuditError::Content("the base of a delta comes after it".to_owned())
                })?;
                header(OFFSET_DELTA, length, &mut self.bytes);
                base_distance(offset - base, &mut self.bytes);
            }
            None => header(code(object.kind)?, length, &mut self.bytes),
        }
        self.bytes.extend_from_slice(stream);
        let mut crc = Crc::new();
        crc.update(self.bytes.get(offset..).unwrap_or_default());
        self.entries.push(Entry {
            oid: object.oid,
            crc: crc.sum(),
            offset: short,
        });
        Ok(())
    }

    /// Returns the bytes of the pack and of its index.
    pub fn finish(mut self) -> Result<(Vec<u8>, Vec<u8>), AuditError> {
        self.encode_queued()?;
        let head = head(self.entries.len());
        self.bytes.splice(..HEADER, head);
        let checksum: [u8; TRAILER] = Sha1::digest(&self.bytes).into();
        self.bytes.extend_from_slice(&checksum);
        let index = pack_index::write(&mut self.entries, &checksum);
        Ok((self.bytes, index))
    }
}

/// Encodes the header of a pack with this many objects.
pub(super) fn head(count: usize) -> [u8; HEADER] {
    let mut head = [0; HEADER];
    let fields = b"PACK"
        .iter()
        .copied()
        .chain(2_u32.to_be_bytes())
        .chain((count as u32).to_be_bytes());
    head.iter_mut()
        .zip(fields)
        .for_each(|(to, from)| *to = from);
    head
}

fn code(kind: ObjectType) -> Result<u8, AuditError> {
    match kind {
        ObjectType::Commit => Ok(1),
        ObjectType::Tree => Ok(2),
        ObjectType::Blob => Ok(3),
        other => Err(AuditError::Content(format!("an object of type {other}"))),
    }
}

/// Appends kind and uncompressed length: four bits of the length first, then seven bits in each byte.
fn header(kind: u8, length: usize, out: &mut Vec<u8>) {
    let first = kind << 4 | (length & 0xf) as u8;
    match length >> 4 {
        0 => out.push(first),
        rest => {
            out.push(first | 0x80);
            size(rest, out);
        }
    }
}

/// Appends the distance back to the base: seven bits in each byte, highest first. Each further byte adds one.
fn base_distance(mut distance: usize, out: &mut Vec<u8>) {
    let mut bytes = vec![(distance & 0x7f) as u8];
    while distance >= 0x80 {
        distance = (distance >> 7) - 1;
        bytes.push((distance & 0x7f) as u8 | 0x80);
    }
    out.extend(bytes.into_iter().rev());
}
