//! Encodes a pack (`gitformat-pack`). An object is stored whole, or as the delta to an earlier version in the same
//! pack. So a pack never depends on another, and packs can be joined byte for byte.

use std::collections::HashMap;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use git2::{ObjectType, Oid};
use sha1::{Digest, Sha1};

use super::delta::{delta, size};
use super::error::AuditError;
use super::pack_index::{self, Entry};

/// Length of the header, bytes: signature, version 2, number of objects.
pub(super) const HEADER: usize = 12;
/// Length of the SHA-1 at the end, bytes.
pub(super) const TRAILER: usize = 20;
const OFFSET_DELTA: u8 = 6;
/// Longest chain of deltas: reading an object follows the whole chain.
const MAX_DEPTH: u32 = 32;

struct Position {
    offset: usize,
    depth: u32,
}

/// A pack in memory.
pub(super) struct Pack {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    positions: HashMap<Oid, Position>,
    deflate: Compress,
    /// Output of the compression of one object. The spare capacity of `bytes` would have to be zeroed each time.
    deflated: Vec<u8>,
}

impl Pack {
    /// Makes an empty pack. A higher level (1 to 9) compresses better and takes longer.
    pub fn new(level: u32) -> Self {
        Self {
            bytes: vec![0; HEADER],
            entries: Vec::new(),
            positions: HashMap::new(),
            deflate: Compress::new(Compression::new(level), true),
            deflated: Vec::new(),
        }
    }

    /// Whether the pack contains the object.
    pub fn contains(&self, oid: Oid) -> bool {
        self.positions.contains_key(&oid)
    }

    /// Length so far, bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
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
        let offset = self.bytes.len();
        let near = base.and_then(|(oid, bytes)| Some((self.positions.get(&oid)?, bytes)));
        let short = near
            .filter(|(position, _)| position.depth < MAX_DEPTH)
            .map(|(position, bytes)| (position.offset, position.depth + 1, delta(bytes, content)))
            .filter(|(.., delta)| delta.len() < content.len());
        let depth = match short {
            Some((base, depth, delta)) => {
                header(OFFSET_DELTA, delta.len(), &mut self.bytes);
                base_distance(offset - base, &mut self.bytes);
                self.deflate(&delta)?;
                depth
            }
            None => {
                header(code(kind)?, content.len(), &mut self.bytes);
                self.deflate(content)?;
                0
            }
        };
        let mut crc = Crc::new();
        crc.update(self.bytes.get(offset..).unwrap_or_default());
        let short = u32::try_from(offset)
            .map_err(|_| AuditError::Content("a pack is too large".to_owned()))?;
        self.entries.push(Entry {
            oid,
            crc: crc.sum(),
            offset: short,
        });
        self.positions.insert(oid, Position { offset, depth });
        Ok(())
    }

    fn deflate(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        self.deflate.reset();
        // Enough for any input: deflate adds at most a few bytes for each 16 KiB.
        let most = bytes.len() + bytes.len() / 1_000 + 64;
        if self.deflated.len() < most {
            self.deflated.resize(most, 0);
        }
        let done = self
            .deflate
            .compress(bytes, &mut self.deflated, FlushCompress::Finish);
        let length = self.deflate.total_out() as usize;
        match (done, self.deflated.get(..length)) {
            (Ok(Status::StreamEnd), Some(deflated)) => {
                self.bytes.extend_from_slice(deflated);
                Ok(())
            }
            (other, _) => Err(AuditError::Damaged(format!("deflate: {other:?}"))),
        }
    }

    /// Returns the bytes of the pack and of its index.
    pub fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        let head = head(self.entries.len());
        self.bytes.splice(..HEADER, head);
        let checksum: [u8; TRAILER] = Sha1::digest(&self.bytes).into();
        self.bytes.extend_from_slice(&checksum);
        let index = pack_index::write(&mut self.entries, &checksum);
        (self.bytes, index)
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
