//! Bulk data on its way in: hashed while it arrives, and written beside that, so that little is left to do at its end.

use tokio::sync::{mpsc, oneshot};
use tokio_util::bytes::Bytes;
use vibesync_scene::{BlobHasher, BlobId};
use vibesync_store::blobs::{BlobError, BlobStore, StagedBlob};

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
    /// Its file, if it is written, which may still be under way.
    file: Option<Written>,
}

type Written = oneshot::Receiver<Result<StagedBlob, BlobError>>;

impl Attachment {
    /// A durable file of its content. Waits for the disk.
    pub fn file(&mut self, blobs: &BlobStore) -> Result<StagedBlob, BlobError> {
        match self.file.take().map(Written::blocking_recv) {
            Some(Ok(written)) => written,
            // Nobody writes it, or its writer has panicked.
            None | Some(Err(_)) => blobs.stage_bytes(self.pieces.iter().map(AsRef::as_ref)),
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
    /// To the thread that writes, if one does.
    steps: Option<mpsc::Sender<Step>>,
}

#[derive(Debug)]
struct Arriving {
    missing: usize,
    hash: BlobHasher,
    pieces: Vec<Bytes>,
}

#[derive(Debug)]
enum Step {
    Piece(Bytes),
    /// The attachment is complete; its file is wanted here.
    End(oneshot::Sender<Result<StagedBlob, BlobError>>),
}

impl Intake {
    /// For attachments of these lengths. What is surely new is written at once, to `blobs`.
    pub async fn begin(lengths: Vec<usize>, blobs: Option<BlobStore>) -> Self {
        let steps = blobs.filter(|_| !lengths.is_empty()).map(|blobs| {
            let (steps, to_do) = mpsc::channel(WAITING);
            tokio::task::spawn_blocking(move || write(&blobs, to_do));
            steps
        });
        let mut intake = Self {
            lengths: lengths.into_iter(),
            arriving: None,
            arrived: Vec::new(),
            steps,
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
    pub fn finish(self) -> Vec<Attachment> {
        self.arrived
    }

    /// Goes on to the next attachment that has bytes to come, where this one has none.
    async fn advance(&mut self) {
        while self.arriving.as_ref().is_none_or(|it| it.missing == 0) {
            if let Some(arrived) = self.arriving.take() {
                let (wanted, file) = oneshot::channel();
                self.step(Step::End(wanted)).await;
                let file = self.steps.is_some().then_some(file);
                self.arrived.push(arrived.finish(file));
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
        if let Some(steps) = &self.steps {
            // A thread that has panicked is noticed by whoever waits for a file.
            let _ = steps.send(step).await;
        }
    }
}

impl Arriving {
    fn finish(self, file: Option<Written>) -> Attachment {
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
            file,
        }
    }
}

/// Writes attachments one after the other, each to a file of its own.
fn write(blobs: &BlobStore, mut steps: mpsc::Receiver<Step>) {
    let mut file = None;
    while let Some(step) = steps.blocking_recv() {
        let written = file.take().unwrap_or_else(|| blobs.stage());
        match step {
            Step::Piece(piece) => {
                file = Some(written.and_then(|mut staged| staged.append(&piece).map(|()| staged)));
            }
            Step::End(wanted) => {
                // Where nobody wants it anymore it goes.
                let _ = wanted.send(written.and_then(|mut staged| staged.sync().map(|()| staged)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use vibesync_scene::Code;
    use vibesync_store::disk::Disk;
    use vibesync_testkit::{Fault, FaultDisk, Tear};

    use super::*;

    fn blobs(disk: &FaultDisk) -> BlobStore {
        BlobStore::open(Arc::new(disk.clone()), Path::new("/p/blobs")).unwrap()
    }

    /// Brings attachments in pieces of this many bytes.
    async fn bring(blobs: Option<BlobStore>, contents: &[&[u8]], piece: usize) -> Intake {
        let lengths = contents.iter().map(|content| content.len()).collect();
        let mut intake = Intake::begin(lengths, blobs).await;
        for piece in contents.concat().chunks(piece) {
            assert!(!intake.is_complete());
            intake.take(Bytes::copy_from_slice(piece)).await;
        }
        assert!(intake.is_complete());
        intake
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn attachments_are_what_was_sent_however_they_are_cut() {
        let contents: [&[u8]; 6] = [b"", b"seven b", &[1; 40], b"", &[2; 24], b""];
        for piece in [1, 4, 16, 100] {
            let blobs = blobs(&FaultDisk::new(1, Tear::Prefix));
            for store in [None, Some(blobs.clone())] {
                let mut arrived = bring(store, &contents, piece).await.finish();
                assert_eq!(arrived.len(), contents.len());
                for (attachment, content) in arrived.iter_mut().zip(contents) {
                    assert_eq!(attachment.pieces.concat(), content);
                    assert_eq!(attachment.id, BlobId::hash(content));
                    let (_, rest) = attachment
                        .pieces
                        .split_last()
                        .unwrap_or((&Bytes::new(), &[]));
                    assert!(rest.iter().all(|piece| piece.len() % WORD == 0));
                    let file = tokio::task::block_in_place(|| attachment.file(&blobs)).unwrap();
                    blobs.commit([(attachment.id, file)]).unwrap();
                    assert_eq!(blobs.get(attachment.id).unwrap(), content);
                }
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_breaks_off_leaves_no_file() {
        let disk = FaultDisk::new(1, Tear::Prefix);
        let blobs = blobs(&disk);
        let mut intake = Intake::begin(vec![40, 40], Some(blobs.clone())).await;
        intake.take(Bytes::from_static(&[1; 50])).await;
        let arrived = std::mem::take(&mut intake.arrived);
        drop(intake);
        for mut attachment in arrived {
            drop(tokio::task::block_in_place(|| attachment.file(&blobs)).unwrap());
        }
        // The thread ends, and with it what it was writing.
        let gone = async {
            while !disk.list(Path::new("/p/blobs")).unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let patience = std::time::Duration::from_secs(60);
        tokio::time::timeout(patience, gone).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_disk_that_is_full_is_told_at_the_end() {
        let disk = FaultDisk::new(1, Tear::Prefix);
        let store = blobs(&disk);
        disk.fail(disk.operations() + 1, Fault::Full);
        let intake = bring(Some(store.clone()), &[&[1; 40_000], &[2; 40_000]], 16).await;
        let written = intake.finish().into_iter().map(|mut attachment| {
            let file = tokio::task::block_in_place(|| attachment.file(&store));
            file.map(drop).map_err(|error| error.code())
        });
        assert_eq!(written.collect::<Vec<_>>(), [Err(Code::DiskFull), Ok(())]);
    }
}
