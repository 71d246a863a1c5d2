//! A daemon with two editors that behave, and what disturbs them.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_protocol::{
    AckStatus, ClientMessage, DaemonMessage, Query, QueryResult, Status, encode,
};
use vibesync_scene::{
    Change, Components, DataRef, EntityKind, InstanceId, Outcome, Parent, Role, Transform, Uuid,
    Visibility,
};
use vibesync_testkit::{Client, Daemon, EditorSession, FakeEditor};

use crate::project::TestProject;

/// Longest wait for anything: reached only where the daemon fails, however busy the machine is.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The object that the editors work on.
pub const CUBE: Uuid = Uuid::from_u128(0xC0BE);

pub struct Stage {
    pub project: TestProject,
    pub daemon: Daemon,
    editors: Editors,
}

impl Stage {
    /// Two editors, connected and at work; `settings` is the project's settings file.
    pub fn new(settings: &str) -> Self {
        let project = TestProject::new();
        project.file(".vibesync/vibesync.toml", settings);
        let daemon = start(&project);
        let editors = Editors::join(&daemon);
        Self {
            project,
            daemon,
            editors,
        }
    }

    /// Disturbs; the editors work all the while, and once more when it is over.
    pub fn disturb<T: Send>(&mut self, disturbance: impl FnOnce(&Daemon) -> T + Send) -> T {
        let (daemon, editors) = (&self.daemon, &mut self.editors);
        std::thread::scope(|scope| {
            let disturbing = scope.spawn(|| disturbance(daemon));
            while !disturbing.is_finished() {
                editors.work();
            }
            editors.work();
            disturbing
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// Starts the real program on the project.
pub fn start(project: &TestProject) -> Daemon {
    let program = Path::new(env!("CARGO_BIN_EXE_vibesync"));
    let root = project.root();
    Daemon::start(program, root.parent().unwrap()).unwrap()
}

struct Editors {
    blender: EditorSession,
    unity: EditorSession,
    edits: u32,
}

impl Editors {
    fn join(daemon: &Daemon) -> Self {
        let join = |role| EditorSession::join(daemon, editor(daemon, role), PATIENCE).unwrap();
        let (blender, unity) = (join(Role::Blender), join(Role::Unity));
        let mut editors = Self {
            blender,
            unity,
            edits: 0,
        };
        editors.work();
        editors
    }

    /// One change, end to end: made in Blender, accepted, applied and read back in Unity, verified.
    fn work(&mut self) {
        self.edits += 1;
        let sent = self.blender.edit(vec![edit(self.edits)]).unwrap();
        let accepted = until(&mut self.blender, |message| match message {
            DaemonMessage::Ack {
                operation_id,
                status,
                seq,
                error,
                ..
            } if operation_id == sent.operation_id => {
                assert_eq!(status, AckStatus::Accepted, "{error:?}");
                Some(seq)
            }
            _ => None,
        });
        until(&mut self.unity, |message| match message {
            DaemonMessage::Apply { changes, .. } => changes
                .iter()
                .any(|it| it.version == accepted)
                .then_some(()),
            _ => None,
        });
        let held = &self.unity.editor.entities[&CUBE];
        assert_eq!(held, &self.blender.editor.entities[&CUBE]);
        let outcome = until(&mut self.blender, |message| match message {
            DaemonMessage::Outcome {
                operation_id,
                outcome,
                ..
            } => (operation_id == sent.operation_id).then_some(outcome),
            _ => None,
        });
        assert_eq!(outcome, Outcome::Verified);
    }
}

/// Hears until something was said, but not for ever: the heartbeats go on.
fn until<T>(editor: &mut EditorSession, wanted: impl Fn(DaemonMessage) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = wanted(editor.hear().unwrap().message) {
            return found;
        }
        assert!(Instant::now() < deadline, "the editors are not served");
    }
}

/// The first edit makes the cube, the others move it.
fn edit(number: u32) -> Change {
    let transform = Transform {
        translation: [f64::from(number), 0.5, -1.0],
        ..Transform::IDENTITY
    };
    match number {
        1 => create(CUBE, transform),
        _ => moved(CUBE, transform),
    }
}

pub fn create(uuid: Uuid, transform: Transform) -> Change {
    let components = Components {
        name: Some("Cube".into()),
        transform: Some(transform),
        visibility: Some(Visibility { visible: true }),
        parent: Some(Parent { uuid: None }),
        data: Some(DataRef { uuid: None }),
        ..Components::default()
    };
    Change::Create {
        uuid,
        kind: EntityKind::Object,
        components,
    }
}

pub fn moved(uuid: Uuid, transform: Transform) -> Change {
    let components = Components {
        transform: Some(transform),
        ..Components::default()
    };
    Change::Update { uuid, components }
}

/// An editor or agent that is in nobody's way yet.
pub fn editor(daemon: &Daemon, role: Role) -> FakeEditor {
    let instance = InstanceId(Uuid::new_v4());
    FakeEditor::new(role, instance, daemon.discovery().project_id)
}

/// A connection on which nothing was said.
pub fn dial(daemon: &Daemon) -> Client {
    Client::dial(daemon.address().unwrap(), PATIENCE).unwrap()
}

/// A connection whose handshake is over. There may be as many agents as one likes.
pub fn agent(daemon: &Daemon) -> Client {
    let mut client = dial(daemon);
    let mut agent = editor(daemon, Role::Agent);
    client.shake_hands(daemon, &mut agent).unwrap();
    client
}

/// A frame with a header that need not be a message, nor JSON.
pub fn frame(header: impl AsRef<[u8]>, attachments: &[&[u8]]) -> Vec<u8> {
    encode(header.as_ref(), attachments).unwrap()
}

/// The next message that is no ping.
pub fn hear(client: &mut Client) -> DaemonMessage {
    loop {
        match client.receive().unwrap() {
            DaemonMessage::Ping { .. } => {}
            message => return message,
        }
    }
}

/// Hears an error with this code, and whether it is fatal.
#[track_caller]
fn refused(client: &mut Client, expected: &str) -> bool {
    match hear(client) {
        DaemonMessage::Error { error, fatal, .. } => {
            assert_eq!(error.code.to_string(), expected, "{error:?}");
            assert!(
                !error.message.is_empty() && !error.help.is_empty(),
                "{error:?}"
            );
            fatal
        }
        other => panic!("{expected} was expected, not {other:?}"),
    }
}

/// Hears this error and then the end of the connection.
#[track_caller]
pub fn ended(client: &mut Client, expected: &str) {
    assert!(refused(client, expected), "{expected} must be fatal");
    let end = client.receive().unwrap_err().kind();
    let is_end = matches!(end, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset);
    assert!(
        is_end,
        "{expected}: the connection must be closed, not {end}"
    );
}

/// Hears this error, and is served all the same.
#[track_caller]
pub fn warned(client: &mut Client, expected: &str) {
    assert!(!refused(client, expected), "{expected} must not be fatal");
    status(client);
}

/// What `vibesync status` would show.
pub fn status(client: &mut Client) -> Status {
    let request_id = Uuid::new_v4();
    let query = ClientMessage::Query {
        request_id,
        what: Query::Status,
        after: None,
        limit: None,
    };
    client.send(&query).unwrap();
    match hear(client) {
        DaemonMessage::Result {
            request_id: answered,
            result: QueryResult::Status { status },
        } if answered == request_id => *status,
        other => panic!("the status was expected, not {other:?}"),
    }
}

/// A message with some of its fields replaced.
pub fn altered(message: &ClientMessage, fields: Value) -> Vec<u8> {
    let mut header = json!(message);
    let fields = fields.as_object().unwrap().clone();
    header.as_object_mut().unwrap().extend(fields);
    frame(header.to_string(), &[])
}
