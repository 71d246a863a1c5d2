//! A daemon with two working editors, and the clients that disturb them.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_protocol::{
    AckStatus, ClientMessage, DaemonMessage, Query, QueryResult, Status, encode,
};
use vibesync_scene::{
    BlobId, Buffer, Change, Components, DataRef, EntityKind, InstanceId, Mesh, Outcome, Parent,
    Role, Submesh, Transform, Uuid, Visibility,
};
use vibesync_testkit::{Client, Daemon, EditorSession, FakeEditor};

use crate::project::{AGENTS_WORK, TestProject};

/// Longest wait for any event. Long enough for a busy machine: only a failing daemon reaches it.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// The object that both editors change.
pub const CUBE: Uuid = Uuid::from_u128(0xC0BE);

pub struct EditorsHarness {
    pub project: TestProject,
    pub daemon: Daemon,
    editors: Editors,
}

impl EditorsHarness {
    /// Starts a daemon with these settings, in which agents may work, and connects two editors that exchange a first change.
    pub fn new(settings: &str) -> Self {
        let project = TestProject::new();
        let settings = format!("{settings}\n{AGENTS_WORK}");
        project.file(".vibesync/vibesync.toml", &settings);
        let daemon = project.start();
        let editors = Editors::join(&daemon);
        Self {
            project,
            daemon,
            editors,
        }
    }

    /// Runs `disturbance` while the editors exchange changes; they must exchange one more after it.
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

/// Connects two editors that exchange a first change.
pub fn exchange(daemon: &Daemon) {
    Editors::join(daemon);
}

struct Editors {
    blender: EditorSession,
    unity: EditorSession,
    edits: u32,
}

impl Editors {
    fn join(daemon: &Daemon) -> Self {
        let join = |role| EditorSession::join(daemon, editor(daemon, role), TIMEOUT).unwrap();
        let (blender, unity) = (join(Role::Blender), join(Role::Unity));
        let mut editors = Self {
            blender,
            unity,
            edits: 0,
        };
        editors.work();
        editors
    }

    /// Sends one change from Blender and checks that it is accepted, applied in Unity and verified.
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

/// Reads messages until `wanted` accepts one. The deadline is needed because heartbeats never stop.
fn until<T>(editor: &mut EditorSession, wanted: impl Fn(DaemonMessage) -> Option<T>) -> T {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        if let Some(found) = wanted(editor.hear().unwrap().message) {
            return found;
        }
        assert!(Instant::now() < deadline, "the editors are not served");
    }
}

/// Creates the cube with the first edit, moves it with the others.
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

/// Returns an editor or agent with a new instance id.
pub fn editor(daemon: &Daemon, role: Role) -> FakeEditor {
    let instance = InstanceId(Uuid::new_v4());
    FakeEditor::new(role, instance, daemon.discovery().project_id)
}

/// Connects without a handshake.
pub fn dial(daemon: &Daemon) -> Client {
    Client::dial(daemon.address().unwrap(), TIMEOUT).unwrap()
}

/// Connects as an agent and completes the handshake. The number of agents is not limited.
pub fn agent(daemon: &Daemon) -> Client {
    let mut client = dial(daemon);
    let mut agent = editor(daemon, Role::Agent);
    client.shake_hands(daemon, &mut agent).unwrap();
    client
}

/// Encodes a frame. The header may be no message, and no JSON.
pub fn frame(header: impl AsRef<[u8]>, attachments: &[&[u8]]) -> Vec<u8> {
    encode(header.as_ref(), attachments).unwrap()
}

/// Receives the next message that is no ping.
pub fn hear(client: &mut Client) -> DaemonMessage {
    loop {
        match client.receive().unwrap() {
            DaemonMessage::Ping { .. } => {}
            message => return message,
        }
    }
}

/// Receives an error with this code; returns whether it is fatal.
#[track_caller]
fn receive_error(client: &mut Client, expected: &str) -> bool {
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

/// Receives a fatal error with this code, and then the end of the connection.
#[track_caller]
pub fn expect_fatal_error(client: &mut Client, expected: &str) {
    assert!(receive_error(client, expected), "{expected} must be fatal");
    let end = client.receive().unwrap_err().kind();
    let is_end = matches!(end, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset);
    assert!(
        is_end,
        "{expected}: the connection must be closed, not {end}"
    );
}

/// Receives an error with this code that is not fatal, and checks that the daemon goes on serving.
#[track_caller]
pub fn expect_error(client: &mut Client, expected: &str) {
    assert!(
        !receive_error(client, expected),
        "{expected} must not be fatal"
    );
    status(client);
}

/// Queries the status that `vibesync status` shows.
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

/// Encodes a message with some of its fields replaced.
pub fn with_fields(message: &ClientMessage, fields: Value) -> Vec<u8> {
    let mut header = json!(message);
    let fields = fields.as_object().unwrap().clone();
    header.as_object_mut().unwrap().extend(fields);
    frame(header.to_string(), &[])
}

/// Creates a mesh of one triangle from its buffers, which the editor keeps.
pub fn create_triangle(
    editor: &mut FakeEditor,
    uuid: Uuid,
    name: &str,
    content: Vec<(&str, Vec<u8>)>,
) -> Change {
    let mut buffers = BTreeMap::new();
    for (attachment, (name, bytes)) in (0..).zip(content) {
        let blob = BlobId::hash(&bytes);
        let buffer = Buffer {
            attachment: Some(attachment),
            blob: Some(blob),
            base: None,
            bytes: bytes.len() as u64,
        };
        buffers.insert(name.to_owned(), buffer);
        editor.bulk.insert(blob, bytes);
    }
    let mesh = Mesh {
        vertex_count: 3,
        corner_count: 3,
        submeshes: vec![Submesh {
            slot: 0,
            start: 0,
            count: 3,
        }],
        buffers,
    };
    Change::Create {
        uuid,
        kind: EntityKind::Mesh,
        components: Components {
            name: Some(name.into()),
            mesh: Some(Box::new(mesh)),
            ..Components::default()
        },
    }
}
