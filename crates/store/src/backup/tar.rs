//! The tar format (POSIX ustar), as far as a backup needs it: plain files with short names.

use std::io::{self, ErrorKind};

use crate::disk::DiskFile;

/// Headers and contents are padded to blocks of this size.
pub(super) const BLOCK: u64 = 512;
const SIZE: usize = BLOCK as usize;

/// A file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub path: String,
    /// Offset of its content.
    pub offset: u64,
    /// Length of its content.
    pub bytes: u64,
}

/// The fields of a header: offset and length.
const NAME: (usize, usize) = (0, 100);
const MODE: (usize, usize) = (100, 8);
const OWNER: (usize, usize) = (108, 8);
const GROUP: (usize, usize) = (116, 8);
const LENGTH: (usize, usize) = (124, 12);
const TIME: (usize, usize) = (136, 12);
const CHECKSUM: (usize, usize) = (148, 8);
const KIND: (usize, usize) = (156, 1);
const MAGIC: (usize, usize) = (257, 8);

/// Returns the header of a file; none if its name or size does not fit. `time` is in seconds since 1970.
pub(super) fn header(path: &str, bytes: u64, time: u64) -> Option<[u8; SIZE]> {
    let mut header = [0; SIZE];
    put(&mut header, NAME, path.as_bytes())?;
    put(&mut header, MODE, b"0000600\0")?;
    put(&mut header, OWNER, b"0000000\0")?;
    put(&mut header, GROUP, b"0000000\0")?;
    put(&mut header, LENGTH, octal(bytes)?.as_bytes())?;
    put(&mut header, TIME, octal(time)?.as_bytes())?;
    put(&mut header, KIND, b"0")?;
    put(&mut header, MAGIC, b"ustar\x0000")?;
    let sum = format!("{:06o}\0 ", checksum(&header));
    put(&mut header, CHECKSUM, sum.as_bytes())?;
    Some(header)
}

/// Returns the number of zero bytes after a content of this length.
pub(super) fn padding(bytes: u64) -> usize {
    let rest = bytes % BLOCK;
    usize::try_from((BLOCK - rest) % BLOCK).unwrap_or_default()
}

fn octal(number: u64) -> Option<String> {
    let text = format!("{number:011o}\0");
    (text.len() == LENGTH.1).then_some(text)
}

fn put(header: &mut [u8; SIZE], (offset, length): (usize, usize), value: &[u8]) -> Option<()> {
    let field = header.get_mut(offset..offset + length)?;
    field.get_mut(..value.len())?.copy_from_slice(value);
    Some(())
}

/// The sum of all bytes, with spaces in place of the checksum itself.
fn checksum(header: &[u8; SIZE]) -> u32 {
    let own = CHECKSUM.0..CHECKSUM.0 + CHECKSUM.1;
    let bytes = header.iter().enumerate();
    bytes
        .map(|(i, byte)| u32::from(if own.contains(&i) { b' ' } else { *byte }))
        .sum()
}

/// Lists the files of an archive. Fails if it does not end as an archive does.
pub(super) fn members(file: &mut dyn DiskFile) -> io::Result<Vec<Member>> {
    let mut members = Vec::new();
    let mut offset = 0;
    loop {
        let mut header = [0; SIZE];
        read_exact(file, offset, &mut header)?;
        if header == [0; SIZE] {
            return Ok(members);
        }
        offset += BLOCK;
        let (path, bytes) = parse(&header).ok_or_else(|| {
            let at = offset - BLOCK;
            io::Error::new(ErrorKind::InvalidData, format!("no header at byte {at}"))
        })?;
        let member = Member {
            path,
            offset,
            bytes,
        };
        offset = offset.saturating_add(bytes + padding(bytes) as u64);
        members.push(member);
    }
}

fn parse(header: &[u8; SIZE]) -> Option<(String, u64)> {
    let field = |(offset, length): (usize, usize)| header.get(offset..offset + length);
    let text = |at| {
        let text = std::str::from_utf8(field(at)?).ok()?;
        Some(text.trim_matches(['\0', ' ']))
    };
    let number = |at| u64::from_str_radix(text(at)?, 8).ok();
    let is_file = field(KIND)? == b"0" && field(MAGIC)?.starts_with(b"ustar");
    let is_whole = number(CHECKSUM)? == u64::from(checksum(header));
    (is_file && is_whole).then_some((text(NAME)?.to_owned(), number(LENGTH)?))
}

pub(super) fn read_exact(
    file: &mut dyn DiskFile,
    offset: u64,
    buffer: &mut [u8],
) -> io::Result<()> {
    let mut filled = 0;
    while filled < buffer.len() {
        let rest = buffer.get_mut(filled..).unwrap_or_default();
        match file.read_at(offset + filled as u64, rest)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            read => filled += read,
        }
    }
    Ok(())
}
