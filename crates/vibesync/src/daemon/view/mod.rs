//! A copy of the scene that answers questions: follows the log from its files, so that no search delays the core.
//!
//! A thread holds the copy. It starts with the first question, and ends with its memory after [`IDLE`] without one.

mod bits;
mod describe;
mod followed_scene;
mod names;
mod place;
mod search;
mod visible;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub use followed_scene::LogFiles;
use followed_scene::{FollowedScene, SceneAt};
use uuid::Uuid;
use vibesync_protocol::{DaemonMessage, ErrorBody, MAX_RESULT_ITEMS, QueryResult, Question};
use vibesync_scene::{Code, Role};

use self::visible::VisibleScene;
use super::send_queue::SendQueue;

/// Time without a question after which the copy is dropped.
const IDLE: Duration = Duration::from_secs(600);

/// Time between two looks for new records after a question. So the next one of the same agent finds them read.
const LOOK: Duration = Duration::from_millis(10);

/// Looks without a question after which the log is closed. Windows removes no file that is open; the store tries for a
/// second.
const LOOKS: u32 = 50;

/// Maximum number of questions that wait for the thread.
const WAITING: usize = 256;

/// A question of a client.
#[derive(Debug)]
pub struct Asked {
    /// Chosen by the client; the answer carries it.
    pub request_id: Uuid,
    /// The question.
    pub question: Question,
    /// The kind of client that asks.
    pub role: Role,
    /// The last durable record. The answer includes it.
    pub head: u64,
    /// The queue of the client.
    pub reply: SendQueue,
}

/// The questions for the thread; none while there is no thread.
type Questions = Arc<Mutex<Option<SyncSender<Asked>>>>;

/// The thread that answers questions, and what it needs to start.
#[derive(Clone, Debug)]
pub struct View {
    files: LogFiles,
    /// Sequence of the newest durable record.
    head_seq: Arc<AtomicU64>,
    questions: Questions,
}

impl View {
    /// Names the files. They are read with the first question.
    pub fn new(files: LogFiles, head_seq: Arc<AtomicU64>) -> Self {
        Self {
            files,
            head_seq,
            questions: Arc::default(),
        }
    }

    /// Returns the files of the log.
    pub fn files(&self) -> &LogFiles {
        &self.files
    }

    /// Passes a question to the thread, which answers it. Does not wait.
    pub fn ask(&self, asked: Asked) {
        let mut questions = lock(&self.questions);
        let refused = match questions.as_ref() {
            Some(them) => them.try_send(asked),
            None => Err(TrySendError::Disconnected(asked)),
        };
        match refused {
            Ok(()) => {}
            Err(TrySendError::Full(asked)) => {
                let message = format!("{WAITING} questions about the scene wait already");
                refuse(&asked.reply, asked.request_id, Code::RateLimited, &message);
            }
            Err(TrySendError::Disconnected(asked)) => *questions = self.start(asked),
        }
    }

    /// Starts the thread with its first question. Returns none if the system refuses.
    fn start(&self, first: Asked) -> Option<SyncSender<Asked>> {
        let (sender, receiver) = sync_channel(WAITING);
        let (reply, request_id) = (first.reply.clone(), first.request_id);
        let view = self.clone();
        let thread = std::thread::Builder::new().name("view".into());
        let started = thread.spawn(move || view.run(first, &receiver));
        match started {
            Ok(_) => Some(sender),
            Err(error) => {
                let message = format!("cannot start a thread: {error}");
                refuse(&reply, request_id, Code::InternalError, &message);
                None
            }
        }
    }

    /// Answers questions until none has come for [`IDLE`].
    fn run(self, first: Asked, receiver: &Receiver<Asked>) {
        let mut scene = FollowedScene::new(self.files);
        let mut next = Some(first);
        while let Some(asked) = next {
            answer(&mut scene, asked);
            next = next_question(&mut scene, receiver, &self.head_seq).or_else(|| {
                // No question can come while the lock is held.
                let mut questions = lock(&self.questions);
                let late = receiver.try_recv().ok();
                if late.is_none() {
                    *questions = None;
                }
                late
            });
        }
        tracing::debug!("nobody has asked about the scene for long; its copy is dropped");
    }
}

/// Waits for a question, and follows the log at first. Returns none if none has come for [`IDLE`].
fn next_question(
    scene: &mut FollowedScene,
    receiver: &Receiver<Asked>,
    head_seq: &AtomicU64,
) -> Option<Asked> {
    for _ in 0..LOOKS {
        match receiver.recv_timeout(LOOK) {
            Ok(asked) => return Some(asked),
            Err(_) => scene.follow_ahead(head_seq.load(Ordering::Acquire)),
        }
    }
    scene.close_log();
    receiver.recv_timeout(IDLE).ok()
}

fn answer(scene: &mut FollowedScene, asked: Asked) {
    let Asked {
        request_id,
        question,
        role,
        head,
        reply,
    } = asked;
    match scene.at(head) {
        Ok(at) => {
            let result = result(at, &question, role);
            // Fails if the client has gone, or does not read; its own task ends the connection then.
            let _ = reply.send_message(DaemonMessage::Result { request_id, result });
        }
        Err(error) => {
            tracing::warn!(error_code = %error.code(), "the log cannot be read for a question: {error}");
            refuse(&reply, request_id, error.code(), &error.to_string());
        }
    }
}

fn result(at: SceneAt<'_>, question: &Question, asker: Role) -> QueryResult {
    let SceneAt { seq, scene, names } = at;
    let visible = VisibleScene::new(scene, asker);
    match question {
        Question::Search(search) => search::search(seq, &visible, names, search),
        Question::Describe(describe) => describe::describe(&visible, seq, describe),
        Question::Changes { since } => {
            let changed = scene.rows().filter(|row| row.version > *since);
            let changed = changed.filter(|row| visible.has(row.entity.uuid));
            let mut uuids: Vec<Uuid> = changed
                .take(MAX_RESULT_ITEMS + 1)
                .map(|row| row.entity.uuid)
                .collect();
            let more = uuids.len() > MAX_RESULT_ITEMS;
            uuids.truncate(MAX_RESULT_ITEMS);
            QueryResult::Changes { seq, uuids, more }
        }
        Question::Visible { uuids } => {
            let uuids = uuids.iter().copied().take(MAX_RESULT_ITEMS);
            let uuids = uuids.filter(|uuid| visible.has(*uuid)).collect();
            QueryResult::Visible { seq, uuids }
        }
    }
}

fn refuse(reply: &SendQueue, request_id: Uuid, code: Code, message: &str) {
    let error = ErrorBody {
        code,
        message: message.into(),
        location: "question".into(),
        help: code.help().into(),
    };
    let message = DaemonMessage::Error {
        error,
        operation_id: None,
        request_id: Some(request_id),
        fatal: false,
    };
    let _ = reply.send_message(message);
}

fn lock(questions: &Questions) -> MutexGuard<'_, Option<SyncSender<Asked>>> {
    questions.lock().unwrap_or_else(PoisonError::into_inner)
}
