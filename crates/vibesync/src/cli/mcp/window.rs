//! Looks and selections over the link with the daemon.

use vibesync_mcp::Wait;
use vibesync_protocol::{
    ClientMessage, Code, SelectAnswer, SelectRequest, ViewAnswer, ViewRequest,
};
use vibesync_scene::Uuid;

use super::inbox::WindowAnswer;
use super::link::{Link, pause};
use crate::error::Error;

impl Link {
    /// Asks an editor for a picture of its viewport.
    pub fn view(&self, request: &ViewRequest, wait: &Wait) -> Result<ViewAnswer, Error> {
        let message = ClientMessage::View(request.clone());
        match self.window(request.request_id, &message, wait)? {
            WindowAnswer::View(answer) => Ok(answer),
            WindowAnswer::Select(_) => Err(mismatched()),
        }
    }

    /// Asks an editor to select objects.
    pub fn select(&self, request: &SelectRequest, wait: &Wait) -> Result<SelectAnswer, Error> {
        let message = ClientMessage::Select(request.clone());
        match self.window(request.request_id, &message, wait)? {
            WindowAnswer::Select(answer) => Ok(answer),
            WindowAnswer::View(_) => Err(mismatched()),
        }
    }

    /// Sends a look or a selection. Asks again if the connection breaks: the daemon has forgotten it then.
    fn window(
        &self,
        request_id: Uuid,
        message: &ClientMessage,
        wait: &Wait,
    ) -> Result<WindowAnswer, Error> {
        loop {
            let connection = self.connection()?;
            match connection.window(request_id, message, wait) {
                Err(error) if error.code == Code::NoDaemon && !wait.is_over() => pause(wait),
                answer => return answer,
            }
        }
    }
}

fn mismatched() -> Error {
    Error::new(
        Code::MessageMalformed,
        "daemon",
        "the answer to another question",
    )
}
