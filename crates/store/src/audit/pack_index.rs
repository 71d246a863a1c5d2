//! Pack indices, which contain the offset of each object (`gitformat-pack`, "Version 2 pack-*.idx files").

use git2::Oid;
use sha1::{Digest, Sha1};

use super::error::AuditError;

const SIGNATURE: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];
const FANOUT: usize = 256 * 4;
const OID: usize = 20;

/// One object of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub oid: Oid,
    /// CRC-32 of its encoded bytes.
    pub crc: u32,
    /// Offset of these bytes. These packs are smaller than 2 GiB, so no table of 64-bit offsets is needed.
    pub offset: u32,
}

/// Encodes the index of a pack with this checksum. Sorts the entries.
pub(super) fn write(entries: &mut [Entry], checksum: &[u8; OID]) -> Vec<u8> {
    entries.sort_unstable_by_key(|entry| entry.oid);
    let mut out = Vec::with_capacity(SIGNATURE.len() + FANOUT + entries.len() * 28 + 2 * OID);
    out.extend_from_slice(&SIGNATURE);
    for first in 0..=u8::MAX {
        let until = entries.partition_point(|entry| entry.oid.as_bytes().first() <= Some(&first));
        out.extend_from_slice(&(until as u32).to_be_bytes());
    }
    entries
        .iter()
        .for_each(|entry| out.extend_from_slice(entry.oid.as_bytes()));
    entries
        .iter()
        .for_each(|entry| out.extend_from_slice(&entry.crc.to_be_bytes()));
    entries
        .iter()
        .for_each(|entry| out.extend_from_slice(&entry.offset.to_be_bytes()));
    out.extend_from_slice(checksum);
    let own = Sha1::digest(&out);
    out.extend_from_slice(&own);
    out
}

/// Decodes an index, after checking its checksum.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>, AuditError> {
    parse(bytes).ok_or_else(|| AuditError::Damaged("the index of a pack is damaged".to_owned()))
}

/// Returns the checksum of the pack that an index belongs to.
pub(super) fn pack_checksum(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.len().checked_sub(OID)?;
    bytes.get(end.checked_sub(OID)?..end)
}

fn parse(bytes: &[u8]) -> Option<Vec<Entry>> {
    let (covered, own) = bytes.split_at_checked(bytes.len().checked_sub(OID)?)?;
    if Sha1::digest(covered).as_slice() != own {
        return None;
    }
    let rest = covered.strip_prefix(&SIGNATURE)?;
    let (fanout, rest) = rest.split_at_checked(FANOUT)?;
    let count = u32::from_be_bytes(*fanout.last_chunk()?) as usize;
    let (oids, rest) = rest.split_at_checked(count.checked_mul(OID)?)?;
    let (crcs, rest) = rest.split_at_checked(count * 4)?;
    let (offsets, _) = rest.split_at_checked(count * 4)?;
    let number = |bytes: &[u8]| bytes.try_into().ok().map(u32::from_be_bytes);
    let numbers = crcs.chunks(4).zip(offsets.chunks(4));
    oids.chunks(OID)
        .zip(numbers)
        .map(|(oid, (crc, offset))| {
            Some(Entry {
                oid: Oid::from_bytes(oid).ok()?,
                crc: number(crc)?,
                offset: number(offset)?,
            })
        })
        .collect()
}
