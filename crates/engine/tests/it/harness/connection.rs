//! The connections of the harness, and crashes of the daemon.

use uuid::Uuid;
use vibesync_engine::{Engine, Input, Options};
use vibesync_scene::{EpochId, Role, SessionId};

use super::{Harness, appended, options};

impl Harness {
    pub fn connect(&mut self, role: Role) {
        let session = SessionId(self.id());
        let wire = self.wires.get_mut(&role).unwrap();
        if wire.session.is_some() {
            return;
        }
        wire.session = Some(session);
        let hello = Box::new(wire.editor.hello(String::new(), String::new()));
        self.step(Input::Connected { session, hello });
    }

    pub fn disconnect(&mut self, role: Role) {
        let wire = self.wires.get_mut(&role).unwrap();
        let Some(session) = wire.session.take() else {
            return;
        };
        wire.editor.disconnect();
        wire.to_daemon.clear();
        wire.to_editor.clear();
        wire.previews.clear();
        self.step(Input::Disconnected {
            session,
            reason: "test".into(),
        });
    }

    /// Crashes the daemon. Messages on the wires are lost; the log remains.
    pub fn crash(&mut self) {
        for wire in self.wires.values_mut() {
            wire.session = None;
            wire.editor.disconnect();
            wire.to_daemon.clear();
            wire.to_editor.clear();
            wire.previews.clear();
        }
        // It depends on the first one alone, so that the same history has the same epochs.
        self.epoch = EpochId(Uuid::from_u128(self.epoch.0.as_u128() + (1 << 64)));
        let options = Options {
            epoch: self.epoch,
            agents: self.agents.clone(),
            ..options()
        };
        let (engine, actions) = Engine::restore(options, "test", self.replay());
        self.engine = engine;
        self.run(actions);
    }

    /// Crashes the daemon. Its log has lost all records after this one.
    pub fn lose_log_after(&mut self, seq: usize) {
        self.log.truncate(seq);
        self.crash();
    }

    /// Crashes the daemon while it handles one message: `kept` records are in the log, nothing is sent.
    pub fn crash_while_writing(&mut self, role: Role, kept: usize) {
        let wire = self.wires.get_mut(&role).unwrap();
        if let (Some(session), Some(message)) = (wire.session, wire.to_daemon.pop_front()) {
            let message = Box::new(message);
            let input = Input::Message { session, message };
            let actions = self.engine.step(input, self.now);
            self.log
                .extend(actions.into_iter().filter_map(appended).take(kept));
        }
        self.crash();
    }
}
