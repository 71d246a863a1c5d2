//! Receives attachments: hashes and writes them while they arrive, so that little work is left at their end.

use tokio::sync::{mpsc, oneshot};
use tokio_util::bytes::Bytes;
use vibesync_scene::{BlobHasher, BlobId};
use vibesync_store::blob_links::Link;
use vibesync_store::blobs::{BlobError, BlobStore, StagedBlob};

/// Size of a word in bytes. Pieces of an attachment end between words.
const WORD: usize = 4;

/// Maximum number of pieces that wait for the disk. A faster client waits at its socket.
const MAX_WAITING: usize = 16;

/// Smallest content that a thread of its own writes while it is hashed.
const MIN_BESIDE: usize = 1 << 20;

/// An attachment that has arrived completely.
#[derive(Debug)]
pub struct Attachment {
    /// Hash of the content.
    pub id: BlobId,
    /// The content. Every piece except the last consists of whole words.
    pub pieces: Vec<Bytes>,
    /// The file, if one is being written.
    file: Option<Written>,
    /// The patch to store instead of the content.
    patch: Option<(Link, Bytes)>,
}

/// The result of writing a file, once the writing thread has finished.
type Written = oneshot::Receiver<Result<StagedBlob, BlobError>>;

impl Attachment {
    /// Makes an attachment of a content that did not arrive as it is. Hashes it and writes its file side by side.
    pub fn make(content: Bytes, blobs: &BlobStore) -> Self {
        if content.len() < MIN_BESIDE {
            return Self {
                id: BlobId::hash(&content),
                pieces: vec![content],
                file: None,
                patch: None,
            };
        }
        let (sender, file) = oneshot::channel();
        let (blobs, written) = (blobs.clone(), content.clone());
        std::thread::spawn(move || {
            let staged = blobs.stage_bytes([written.as_ref()]);
            let synced = staged.and_then(|mut staged| staged.sync().map(|()| staged));
            // Nobody waits for the file if the message was refused.
            let _ = sender.send(synced);
        });
        Self {
            id: BlobId::hash(&content),
            pieces: vec![content],
            file: Some(file),
            patch: None,
        }
    }

    /// Makes an attachment of a content that is stored as a patch.
    pub fn make_patched(content: Bytes, link: Link, patch: Bytes) -> Self {
        Self {
            id: BlobId::hash(&content),
            pieces: vec![content],
            file: None,
            patch: Some((link, patch)),
        }
    }

    /// Returns the content as one piece.
    pub fn into_bytes(self) -> Bytes {
        match <[Bytes; 1]>::try_from(self.pieces) {
            Ok([single]) => single,
            Err(pieces) => pieces.concat().into(),
        }
    }

    /// Returns a file with the content or its patch. Blocks on the disk.
    pub fn file(&mut self, blobs: &BlobStore) -> Result<StagedBlob, BlobError> {
        if let Some((link, patch)) = &self.patch {
            return blobs.stage_link(*link, patch);
        }
        match self.file.take().map(Written::blocking_recv) {
            Some(Ok(written)) => written,
            // No thread writes it, or the thread has panicked.
            None | Some(Err(_)) => blobs.stage_bytes(self.pieces.iter().map(AsRef::as_ref)),
        }
    }
}

/// The attachments of one frame.
#[derive(Debug)]
pub struct Upload {
    /// Lengths of the attachments that have not begun to arrive.
    lengths: std::vec::IntoIter<usize>,
    arriving: Option<Arriving>,
    arrived: Vec<Attachment>,
    /// Steps for the writing thread, if there is one.
    steps: Option<mpsc::Sender<Step>>,
}

/// The attachment that is arriving.
#[derive(Debug)]
struct Arriving {
    missing: usize,
    hash: BlobHasher,
    pieces: Vec<Bytes>,
}

/// A step of the writing thread.
#[derive(Debug)]
enum Step {
    Piece(Bytes),
    /// The attachment is complete; send its file here.
    End(oneshot::Sender<Result<StagedBlob, BlobError>>),
}

impl Upload {
    /// Begins to receive attachments of these lengths. Writes them while they arrive if `blobs` is given.
    pub async fn begin(lengths: Vec<usize>, blobs: Option<BlobStore>) -> Self {
        let steps = blobs.filter(|_| !lengths.is_empty()).map(|blobs| {
            let (steps, to_do) = mpsc::channel(MAX_WAITING);
            tokio::task::spawn_blocking(move || write(&blobs, to_do));
            steps
        });
        let mut upload = Self {
            lengths: lengths.into_iter(),
            arriving: None,
            arrived: Vec::new(),
            steps,
        };
        upload.advance().await;
        upload
    }

    /// Returns true when all attachments have arrived.
    pub fn is_complete(&self) -> bool {
        self.arriving.is_none()
    }

    /// Takes the next piece of the frame.
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

    /// Returns all attachments. Call it when they are complete.
    pub fn finish(self) -> Vec<Attachment> {
        self.arrived
    }

    /// Finishes the current attachment if it is complete, and begins the next one that has content.
    async fn advance(&mut self) {
        while self.arriving.as_ref().is_none_or(|it| it.missing == 0) {
            if let Some(arrived) = self.arriving.take() {
                let (sender, file) = oneshot::channel();
                self.step(Step::End(sender)).await;
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
            // `Attachment::file` notices a thread that has panicked.
            let _ = steps.send(step).await;
        }
    }
}

impl Arriving {
    fn finish(self, file: Option<Written>) -> Attachment {
        let Self { hash, pieces, .. } = self;
        let whole_words = |pieces: &[Bytes]| pieces.iter().all(|it| it.len().is_multiple_of(WORD));
        let ends_between_words = pieces
            .split_last()
            .is_none_or(|(_, rest)| whole_words(rest));
        Attachment {
            id: hash.finish(),
            pieces: match ends_between_words {
                true => pieces,
                // An earlier attachment ended inside a word. This is rare, so a copy is acceptable.
                false => vec![pieces.concat().into()],
            },
            file,
            patch: None,
        }
    }
}

/// Writes each attachment to its own file.
fn write(blobs: &BlobStore, mut steps: mpsc::Receiver<Step>) {
    let mut file = None;
    while let Some(step) = steps.blocking_recv() {
        let written = file.take().unwrap_or_else(|| blobs.stage());
        match step {
            Step::Piece(piece) => {
                file = Some(written.and_then(|mut staged| staged.append(&piece).map(|()| staged)));
            }
            Step::End(sender) => {
                // Dropped, and with it the file, if the receiver is gone.
                let _ = sender.send(written.and_then(|mut staged| staged.sync().map(|()| staged)));
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

    /// Uploads attachments in pieces of this size.
    async fn upload_all(blobs: Option<BlobStore>, contents: &[&[u8]], piece: usize) -> Upload {
        let lengths = contents.iter().map(|content| content.len()).collect();
        let mut upload = Upload::begin(lengths, blobs).await;
        for piece in contents.concat().chunks(piece) {
            assert!(!upload.is_complete());
            upload.take(Bytes::copy_from_slice(piece)).await;
        }
        assert!(upload.is_complete());
        upload
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn attachments_arrive_unchanged_for_any_piece_size() {
        let contents: [&[u8]; 6] = [b"", b"seven b", &[1; 40], b"", &[2; 24], b""];
        for piece in [1, 4, 16, 100] {
            let blobs = blobs(&FaultDisk::new(1, Tear::Prefix));
            for store in [None, Some(blobs.clone())] {
                let mut arrived = upload_all(store, &contents, piece).await.finish();
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
    async fn interrupted_upload_leaves_no_file() {
        let disk = FaultDisk::new(1, Tear::Prefix);
        let blobs = blobs(&disk);
        let mut upload = Upload::begin(vec![40, 40], Some(blobs.clone())).await;
        upload.take(Bytes::from_static(&[1; 50])).await;
        let arrived = std::mem::take(&mut upload.arrived);
        drop(upload);
        for mut attachment in arrived {
            drop(tokio::task::block_in_place(|| attachment.file(&blobs)).unwrap());
        }
        // The thread ends and removes its unfinished file.
        let gone = async {
            while !disk.list(Path::new("/p/blobs")).unwrap().is_empty() {
                tokio::task::yield_now().await;
            }
        };
        let limit = std::time::Duration::from_secs(60);
        tokio::time::timeout(limit, gone).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn full_disk_is_reported_with_the_file() {
        let disk = FaultDisk::new(1, Tear::Prefix);
        let store = blobs(&disk);
        disk.fail(disk.operations() + 1, Fault::Full);
        let upload = upload_all(Some(store.clone()), &[&[1; 40_000], &[2; 40_000]], 16).await;
        let written = upload.finish().into_iter().map(|mut attachment| {
            let file = tokio::task::block_in_place(|| attachment.file(&store));
            file.map(drop).map_err(|error| error.code())
        });
        assert_eq!(written.collect::<Vec<_>>(), [Err(Code::DiskFull), Ok(())]);
    }
}
