//! Changes of the scene.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_protocol::{ClientMessage, Intent, encode};
use vibesync_scene::Code;

use super::Client;
use crate::error::Error;

impl Client {
    /// Sends an intent with its bulk data. Has a time limit of its own: there may be much of it.
    pub fn send_intent(
        &mut self,
        intent: Intent,
        attachments: &[&[u8]],
        timeout: Duration,
    ) -> Result<(), Error> {
        let message = ClientMessage::Intent(intent);
        let header = serde_json::to_value(message).and_then(|mut header| {
            if let Value::Object(fields) = &mut header {
                let lengths: Vec<usize> = attachments.iter().map(|it| it.len()).collect();
                fields.insert("attachments".to_owned(), json!(lengths));
            }
            serde_json::to_vec(&header)
        });
        let header =
            header.map_err(|error| self.failed(Code::MessageMalformed, error.to_string()))?;
        self.deadline = Instant::now() + timeout.max(self.timeout);
        self.send_frame(&header, attachments)
    }

    /// Sends a header that lists the lengths of its attachments, with them.
    pub(super) fn send_frame(&mut self, header: &[u8], attachments: &[&[u8]]) -> Result<(), Error> {
        let frame =
            encode(header, attachments).map_err(|error| self.failed(error.code, error.message))?;
        let timeout = self.time_left()?;
        let sent = self.stream.set_write_timeout(Some(timeout));
        sent.and_then(|()| self.stream.write_all(&frame))
            .map_err(|error| self.lost(error))
    }
}
