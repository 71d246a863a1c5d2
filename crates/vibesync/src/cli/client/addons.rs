//! Requests about add-ons.

use vibesync_protocol::{
    Capability, ClientMessage, DaemonMessage, GrantRequest, Query, QueryResult, RevokeRequest,
};
use vibesync_scene::{Code, Uuid};

use super::Client;
use crate::error::Error;

impl Client {
    /// Asks for the add-ons of the editors.
    pub fn capabilities(&mut self) -> Result<Vec<Capability>, Error> {
        self.query(Query::Capabilities, None, |result| match result {
            QueryResult::Capabilities { addons, .. } => Some(addons),
            _ => None,
        })
    }

    /// Allows an add-on to agents. Returns the sequence of the record.
    pub fn grant(&mut self, request: GrantRequest) -> Result<u64, Error> {
        let granted = self.decide_grant(request.request_id, &ClientMessage::Grant(request))?;
        granted.ok_or_else(|| self.failed(Code::MessageMalformed, "no record of the permission"))
    }

    /// Takes the permission for an add-on back. Returns the sequence of the record; none if there was no permission.
    pub fn revoke(&mut self, request: RevokeRequest) -> Result<Option<u64>, Error> {
        self.decide_grant(request.request_id, &ClientMessage::Revoke(request))
    }

    fn decide_grant(
        &mut self,
        sent_id: Uuid,
        message: &ClientMessage,
    ) -> Result<Option<u64>, Error> {
        self.request(message)?;
        let answer = self.receive_matching(|message| match message {
            DaemonMessage::Result {
                request_id,
                result: QueryResult::Grant { seq, error },
            } if request_id == sent_id => Some((seq, error)),
            _ => None,
        })?;
        match answer {
            (seq, None) => Ok(seq),
            (_, Some(error)) => Err(Error::new(error.code, error.location, error.message)),
        }
    }
}
