//! Zlib streams of the objects in a pack. Several objects are compressed on two threads.

use std::panic::resume_unwind;
use std::thread;

use flate2::{Compress, Compression, FlushCompress, Status};

use super::error::AuditError;

/// Bytes to compress from which a second thread is worth its start.
const WORTH_A_THREAD: usize = 64 * 1024;

/// Effort of the compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effort {
    /// Leaves folders as they are. Ids and uuids make up most of them, so a fast compression gains an eighth.
    Fast,
    /// Compresses everything well.
    Thorough,
}

impl Effort {
    fn level(self) -> Compression {
        Compression::new(match self {
            Effort::Fast => 1,
            Effort::Thorough => 6,
        })
    }
}

/// The content of a stream.
pub(super) struct Plain {
    pub bytes: Vec<u8>,
    pub is_folder: bool,
}

impl Plain {
    /// Number of bytes to compress.
    fn work(&self, effort: Effort) -> usize {
        match effort == Effort::Fast && self.is_folder {
            true => 0,
            false => self.bytes.len(),
        }
    }
}

/// Returns the streams of these contents.
pub(super) fn streams(contents: &[Plain], effort: Effort) -> Result<Vec<Vec<u8>>, AuditError> {
    let work = |contents: &[Plain]| -> usize { contents.iter().map(|it| it.work(effort)).sum() };
    let all = work(contents);
    // Compaction has time, so it leaves the other cores to the editors.
    if effort == Effort::Thorough || all < WORTH_A_THREAD {
        return encode(contents, effort);
    }
    let mut sum = 0;
    let half = contents.iter().take_while(|it| {
        sum += it.work(effort);
        sum <= all / 2
    });
    let half = half.count();
    let (first, second) = contents.split_at_checked(half).unwrap_or((contents, &[]));
    thread::scope(|scope| {
        let other = thread::Builder::new().spawn_scoped(scope, || encode(second, effort));
        let mut streams = encode(first, effort)?;
        streams.extend(match other {
            Ok(other) => other.join().unwrap_or_else(|panic| resume_unwind(panic))?,
            // The system has no thread to spare.
            Err(_) => encode(second, effort)?,
        });
        Ok(streams)
    })
}

fn encode(contents: &[Plain], effort: Effort) -> Result<Vec<Vec<u8>>, AuditError> {
    let mut plain_folders = Compress::new(Compression::none(), true);
    let mut deflate = Compress::new(effort.level(), true);
    let mut buffer = Vec::new();
    let stream = |plain: &Plain| match plain.work(effort) {
        0 => compressed(&mut plain_folders, &plain.bytes, &mut buffer),
        _ => compressed(&mut deflate, &plain.bytes, &mut buffer),
    };
    contents.iter().map(stream).collect()
}

/// Compresses through a buffer that is kept: a new one would have to be zeroed each time.
fn compressed(
    deflate: &mut Compress,
    bytes: &[u8],
    buffer: &mut Vec<u8>,
) -> Result<Vec<u8>, AuditError> {
    deflate.reset();
    // Enough for any input: deflate adds at most a few bytes for each 16 KiB.
    let most = bytes.len() + bytes.len() / 1_000 + 64;
    if buffer.len() < most {
        buffer.resize(most, 0);
    }
    let done = deflate.compress(bytes, buffer, FlushCompress::Finish);
    let length = deflate.total_out() as usize;
    match (done, buffer.get(..length)) {
        (Ok(Status::StreamEnd), Some(compressed)) => Ok(compressed.to_vec()),
        (other, _) => Err(AuditError::Damaged(format!("deflate: {other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    fn inflate(stream: &[u8], length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(length + 1);
        let mut inflate = Decompress::new(true);
        let done = inflate.decompress_vec(stream, &mut out, FlushDecompress::Finish);
        assert_eq!(done.unwrap(), Status::StreamEnd);
        assert_eq!(inflate.total_in() as usize, stream.len());
        out
    }

    fn sample(length: usize, is_folder: bool) -> Plain {
        let bytes = (0..length).map(|n| ((n * n) >> 4) as u8 | 0x80).collect();
        Plain { bytes, is_folder }
    }

    #[test]
    fn streams_of_all_lengths_give_their_content() {
        for effort in [Effort::Fast, Effort::Thorough] {
            for is_folder in [false, true] {
                for length in [0, 1, 5_552, 65_534, 65_535, 65_536, 200_000] {
                    let plain = sample(length, is_folder);
                    let stream = streams(std::slice::from_ref(&plain), effort).unwrap();
                    assert_eq!(inflate(&stream[0], length), plain.bytes, "{length}");
                }
            }
        }
    }

    #[test]
    fn streams_of_two_threads_keep_their_order() {
        let lengths = [3, 70_000, 1, 0, 90_000, 12, 500, 64_000, 2, 7];
        let contents = lengths.map(|length| sample(length, length % 2 == 1));
        assert!(
            contents
                .iter()
                .map(|it| it.work(Effort::Fast))
                .sum::<usize>()
                > WORTH_A_THREAD
        );
        let streams = streams(&contents, Effort::Fast).unwrap();
        assert_eq!(streams.len(), contents.len());
        for (stream, plain) in streams.iter().zip(&contents) {
            assert_eq!(inflate(stream, plain.bytes.len()), plain.bytes);
        }
    }
}
