//! A stop of the real daemon by a message.

use std::io;
use std::process::ExitStatus;

use vibesync_protocol::ClientMessage;
use vibesync_scene::{InstanceId, Role, Uuid};

use crate::fakes::daemon::{Daemon, STOP};
use crate::fakes::{Client, FakeEditor};

impl Daemon {
    /// Asks the daemon to stop, because Windows has no SIGTERM. Waits until it has ended, up to a minute.
    #[cfg(windows)]
    pub fn stop(self) -> io::Result<ExitStatus> {
        self.stop_by_message("the test has ended")
    }

    /// Asks the daemon to stop as `vibesync stop` does. Waits until it has ended, up to a minute.
    pub fn stop_by_message(self, reason: &str) -> io::Result<ExitStatus> {
        let instance = InstanceId(Uuid::new_v4());
        let mut person = FakeEditor::new(Role::Cli, instance, self.discovery().project_id);
        let mut client = Client::dial(self.address()?, STOP)?;
        client.shake_hands(&self, &mut person)?;
        let reason = reason.to_owned();
        client.send(&ClientMessage::Stop { reason })?;
        self.wait()
    }
}
