//! Bulk data on its way in: hashed while it arrives, and written beside that, so that little is left to do at its end.

use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::bytes::Bytes;
use vibesync_scene::{BlobHasher, BlobId, Code};
use vibesync_store::blobs::{BlobError, Blobs, Staged};

/// Bytes of a word: pieces of an attachment are cut between words.
const WORD: usize = 4;

/// Pieces that wait for the disk; a client that is faster waits at its socket.
const WAITING: usize = 16;

/// An attachment that has arrived.
#[derive(Debug)]
pub struct Attachment {
    /// The address of its content.
    pub id: BlobId,
    /// Its content, each piece but the last of whole words.
    pub pieces: Vec<Bytes>,
    /// Its file, if it was written.
    pub staged: Option<Staged>,
}

impl Attachment {
    /// A file of its content.
    pub fn file(&mut self, blobs: &Blobs) -> Result<Staged, BlobError> {
        match self.staged.take() {
            Some(staged) => Ok(staged),
            None => blobs.write(self.pieces.iter().map(AsRef::as_ref)),
        }
    }
}

/// Why bulk data is not on the disk.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// The disk refused.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// The thread that writes did not come to its end.
    #[error(transparent)]
    Thread(#[from] JoinError),
}

impl Unwritten {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            Unwritten::Blob(error) => error.code(),
            Unwritten::Thread(_) => Code::BlobDamaged,
        }
    }
}

/// The attachments of a frame.
#[derive(Debug)]
pub struct Intake {
    /// Of those that have not begun to arrive.
    lengths: std::vec::IntoIter<usize>,
    arriving: Option<Arriving>,
    arrived: Vec<Attachment>,
    writing: Option<Writing>,
}

#[derive(Debug)]
struct Arriving {
    missing: usize,
    hash: BlobHasher,
    pieces: Vec<Bytes>,
}

/// The thread that writes.
#[derive(Debug)]
struct Writing {
    steps: mpsc::Sender<Step>,
    thread: JoinHandle<Result<Vec<Staged>, BlobError>>,
}

#[derive(Debug)]
enum Step {
    Piece(Bytes),
    End,
}

impl Intake {
    /// For attachments of these lengths. What is surely new is written at once, to `blobs`.
    pub async fn begin(lengths: Vec<usize>, blobs: Option<Blobs>) -> Self {
        let writing = blobs.filter(|_| !lengths.is_empty()).map(|blobs| {
            let (steps, to_do) = mpsc::channel(WAITING);
            let thread = tokio::task::spawn_blocking(move || write(&blobs, to_do));
            Writing { steps, thread }
        });
        let mut intake = Self {
            lengths: lengths.into_iter(),
            arriving: None,
            arrived: Vec::new(),
            writing,
        };
        intake.advance().await;
        intake
    }

    /// True when all has arrived.
    pub fn is_complete(&self) -> bool {
        self.arriving.is_none()
    }

    /// The next piece of the frame.
    pub async fn take(&mut self, mut piece: Bytes) {
        while let Some(arriving) = self.arriving.as_mut().filter(|_| !piece.is_empty()) {
            let part = piece.split_to(piece.len().min(arriving.missing));
            arriving.missing -= part.len();
            arriving.hash.update(&part);
            arriving.pieces.push(part.clone());
            self.step(Step::Piece(part)).await;
            self.advance().await;
        }
    }

    /// All attachments, once they have arrived.
    pub async fn finish(mut self) -> Result<Vec<Attachment>, Unwritten> {
        if let Some(Writing { steps, thread }) = self.writing {
            drop(steps);
            for (attachment, file) in self.arrived.iter_mut().zip(thread.await??) {
                attachment.staged = Some(file);
            }
        }
        Ok(self.arrived)
    }

    /// Goes on to the next attachment that has bytes to come, where this one has none.
    async fn advance(&mut self) {
        while self.arriving.as_ref().is_none_or(|it| it.missing == 0) {
            if let Some(arrived) = self.arriving.take() {
                self.arrived.push(arrived.finish());
                self.step(Step::End).await;
            }
            let Some(missing) = self.lengths.next() else {
                return;
            };
            self.arriving = Some(Arriving {
                missing,
                hash: BlobHasher::default(),
                pieces: Vec::new(),
            });
        }
    }

    async fn step(&self, step: Step) {
        if let Some(writing) = &self.writing {
            // A thread that has ended says why at the end.
            let _ = writing.steps.send(step).await;
        }
    }
}

impl Arriving {
    fn finish(self) -> Attachment {
        let Self { hash, pieces, .. } = self;
        let whole_words = |pieces: &[Bytes]| pieces.iter().all(|it| it.len().is_multiple_of(WORD));
        let cut_well = pieces
            .split_last()
            .is_none_or(|(_, rest)| whole_words(rest));
        Attachment {
            id: hash.finish(),
            pieces: match cut_well {
                true => pieces,
                // An attachment before it ended within a word: so rare that a copy does no harm.
                false => vec![pieces.concat().into()],
            },
            staged: None,
        }
    }
}

fn write(blobs: &Blobs, mut steps: mpsc::Receiver<Step>) -> Result<Vec<Staged>, BlobError> {
    let mut written = Vec::new();
    let mut file = None;
    while let Some(step) = steps.blocking_recv() {
        let mut current = match file.take() {
            Some(current) => current,
            None => blobs.stage()?,
        };
        match step {
            Step::Piece(piece) => {
                current.append(&piece)?;
                file = Some(current);
            }
            Step::End => {
                current.sync()?;
                written.push(current);
            }
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use vibesync_store::disk::Disk;
    use vibesync_testkit::{Fault, FaultyDisk, Tear};

    use super::*;

    fn blobs(disk: &FaultyDisk) -> Blobs {
        Blobs::open(Arc::new(disk.clone()), Path::new("/p/blobs")).unwrap()
    }

    /// Brings attachments in pieces of this many bytes.
    async fn bring(blobs: Option<Blobs>, contents: &[&[u8]], piece: usize) -> Intake {
        let lengths = contents.iter().map(|content| content.len()).collect();
        let mut intake = Intake::begin(lengths, blobs).await;
        for piece in contents.concat().chunks(piece) {
            assert!(!intake.is_complete());
            intake.take(Bytes::copy_from_slice(piece)).await;
        }
        assert!(intake.is_complete());
        intake
    }

    #[tokio::test]
    async fn attachments_are_what_was_sent_however_they_are_cut() {
        let contents: [&[u8]; 6] = [b"", b"seven b", &[1; 40], b"", &[2; 24], b""];
        for piece in [1, 4, 16, 100] {
            let blobs = blobs(&FaultyDisk::new(1, Tear::Prefix));
            for store in [None, Some(blobs.clone())] {
                let writes = store.is_some();
                let mut arrived = bring(store, &contents, piece).await.finish().await.unwrap();
                assert_eq!(arrived.len(), contents.len());
                for (attachment, content) in arrived.iter_mut().zip(contents) {
                    assert_eq!(attachment.pieces.concat(), content);
                    assert_eq!(attachment.id, BlobId::of(content));
                    let (_, rest) = attachment
                        .pieces
                        .split_last()
                        .unwrap_or((&Bytes::new(), &[]));
                    assert!(rest.iter().all(|piece| piece.len() % WORD == 0));
                    assert_eq!(attachment.staged.is_some(), writes);
                    let file = attachment.file(&blobs).unwrap();
                    blobs.keep([(attachment.id, file)]).unwrap();
                    assert_eq!(blobs.get(attachment.id).unwrap(), content);
                }
            }
        }
    }

    #[tokio::test]
    async fn what_breaks_off_leaves_no_file() {
        let disk = FaultyDisk::new(1, Tear::Prefix);
        let mut intake = Intake::begin(vec![40, 40], Some(blobs(&disk))).await;
        intake.take(Bytes::from_static(&[1; 50])).await;
        let Writing { steps, thread } = intake.writing.take().unwrap();
        drop((steps, intake));
        let written = thread.await.unwrap().unwrap();
        assert_eq!(disk.list(Path::new("/p/blobs")).unwrap().len(), 1);
        drop(written);
        assert!(disk.list(Path::new("/p/blobs")).unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_disk_that_is_full_is_told_at_the_end() {
        let disk = FaultyDisk::new(1, Tear::Prefix);
        let store = blobs(&disk);
        disk.fail(disk.operations() + 1, Fault::Full);
        let intake = bring(Some(store), &[&[1; 40_000], &[2; 40_000]], 16).await;
        assert_eq!(intake.finish().await.unwrap_err().code(), Code::DiskFull);
    }
}
