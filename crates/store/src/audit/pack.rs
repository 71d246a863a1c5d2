//! A pack in the making: `gitformat-pack`. Objects are written whole, or as the difference to an earlier version that
//! is in the same pack; so a pack needs no other, and several of them joined are a pack again.

use std::collections::HashMap;

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use git2::{ObjectType, Oid};
use sha1::{Digest, Sha1};

use super::AuditError;
use super::delta::{delta, size};
use super::pack_index::{self, Entry};

/// Signature, version 2, number of objects.
pub(super) const HEADER: usize = 12;
/// Of the SHA-1 at the end.
pub(super) const TRAILER: usize = 20;
const OFFSET_DELTA: u8 = 6;
/// Differences that stand on one another: reading an object follows all of them.
const MAX_DEPTH: u32 = 32;

struct Made {
    offset: usize,
    depth: u32,
}

/// The pack.
pub(super) struct Pack {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    made: HashMap<Oid, Made>,
    deflate: Compress,
    /// What an object is deflated into. (The spare room of `bytes`, which can be large, would be cleared each time.)
    deflated: Vec<u8>,
}

impl Pack {
    /// An empty one. A higher level (1 to 9) takes longer and makes less of it.
    pub fn new(level: u32) -> Self {
        Self {
            bytes: vec![0; HEADER],
            entries: Vec::new(),
            made: HashMap::new(),
            deflate: Compress::new(Compression::new(level), true),
            deflated: Vec::new(),
        }
    }

    /// Whether the object is in it.
    pub fn contains(&self, oid: Oid) -> bool {
        self.made.contains_key(&oid)
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds an object that is not in it, as the difference to `base` where that is, and where it is shorter.
    pub fn add(
        &mut self,
        oid: Oid,
        kind: ObjectType,
        content: &[u8],
        base: Option<(Oid, &[u8])>,
    ) -> Result<(), AuditError> {
        let offset = self.bytes.len();
        let near = base.and_then(|(oid, bytes)| Some((self.made.get(&oid)?, bytes)));
        let short = near
            .filter(|(made, _)| made.depth < MAX_DEPTH)
            .map(|(made, bytes)| (made.offset, made.depth + 1, delta(bytes, content)))
            .filter(|(.., delta)| delta.len() < content.len());
        let depth = match short {
            Some((base, depth, delta)) => {
                header(OFFSET_DELTA, delta.len(), &mut self.bytes);
                back(offset - base, &mut self.bytes);
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
        self.made.insert(oid, Made { offset, depth });
        Ok(())
    }

    fn deflate(&mut self, bytes: &[u8]) -> Result<(), AuditError> {
        self.deflate.reset();
        // Enough for any input: deflate grows it by a few bytes in 16 KiB at most.
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
            (other, _) => Err(AuditError::Content(format!("deflate: {other:?}"))),
        }
    }

    /// The bytes of the pack and of its index.
    pub fn finish(mut self) -> (Vec<u8>, Vec<u8>) {
        let head = head(self.entries.len());
        self.bytes.splice(..HEADER, head);
        let checksum: [u8; TRAILER] = Sha1::digest(&self.bytes).into();
        self.bytes.extend_from_slice(&checksum);
        let index = pack_index::write(&mut self.entries, &checksum);
        (self.bytes, index)
    }
}

/// The first bytes of a pack of this many objects.
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

/// Kind and length before deflation: four bits of it, then seven a byte.
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

/// How far back the base begins: seven bits a byte, the highest first, each further byte standing for one more.
fn back(mut distance: usize, out: &mut Vec<u8>) {
    let mut bytes = vec![(distance & 0x7f) as u8];
    while distance >= 0x80 {
        distance = (distance >> 7) - 1;
        bytes.push((distance & 0x7f) as u8 | 0x80);
    }
    out.extend(bytes.into_iter().rev());
}
