//! Serves one client over a pair of streams, and decides when to end.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, GetMeta, ProtocolVersion, ServerJsonRpcMessage,
};
use rmcp::service::{RoleServer, RxJsonRpcMessage, serve_server};
use rmcp::transport::Transport;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;

use crate::calls::Calls;
use crate::daemon::Daemon;
use crate::server::Server;

/// Limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Time until the first request.
    pub first_request: Duration,
    /// Time until the answer of a call.
    pub answer: Duration,
    /// Number of calls at the same time.
    pub calls: usize,
    /// Largest message of the client, bytes. A longer one is skipped.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_request: Duration::from_secs(60),
            answer: Duration::from_secs(25),
            calls: 4,
            line: 4 << 20,
        }
    }
}

/// The reason why a server has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The client closed its end.
    Closed,
    /// No request came in time.
    NoRequest,
    /// The protocol failed; the text says how.
    Failed(String),
}

/// Serves one client over standard input and output.
pub async fn serve_stdio(daemon: Arc<dyn Daemon>, limits: Limits) -> End {
    let (read, write) = rmcp::transport::stdio_pipes();
    serve(daemon, (read, write), limits).await
}

/// Serves one client over a pair of streams.
pub async fn serve<R, W>(daemon: Arc<dyn Daemon>, (read, write): (R, W), limits: Limits) -> End
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let server = Server::new(Calls::new(daemon, limits.answer, limits.calls));
    let first_request = Arc::new(Notify::new());
    let transport = Opening {
        inner: AsyncRwTransport::new(read, write).with_max_line_length(limits.line),
        first_request: Arc::clone(&first_request),
        has_request: false,
        is_open: false,
    };
    let late = async {
        if tokio::time::timeout(limits.first_request, first_request.notified())
            .await
            .is_ok()
        {
            std::future::pending::<()>().await;
        }
    };
    let serving = async {
        match serve_server(server, transport).await {
            Ok(running) => match running.waiting().await {
                Ok(_) => End::Closed,
                Err(error) => End::Failed(error.to_string()),
            },
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => End::Closed,
            Err(error) => End::Failed(error.to_string()),
        }
    };
    tokio::select! {
        end = serving => end,
        () = late => End::NoRequest,
    }
}

/// A transport that skips what is no request until the client has chosen a revision of the protocol. The library would
/// end the connection at an early notification.
struct Opening<T> {
    inner: T,
    first_request: Arc<Notify>,
    has_request: bool,
    is_open: bool,
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Opening<T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        item: ServerJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let message = self.inner.receive().await?;
            if self.is_open {
                return Some(message);
            }
            let ClientJsonRpcMessage::Request(request) = &message else {
                tracing::warn!("a message before the first request was skipped");
                continue;
            };
            if !std::mem::replace(&mut self.has_request, true) {
                self.first_request.notify_one();
            }
            self.is_open = opens(&request.request);
            return Some(message);
        }
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}

/// Returns true if a request chooses a revision. `server/discover` and `ping` leave the choice open.
fn opens(request: &ClientRequest) -> bool {
    match request {
        ClientRequest::InitializeRequest(_) => true,
        ClientRequest::DiscoverRequest(_) | ClientRequest::PingRequest(_) => false,
        request => {
            let meta = request.get_meta();
            let version = meta.protocol_version();
            let is_whole = meta
                .missing_required_keys(&ProtocolVersion::V_2026_07_28)
                .is_empty();
            is_whole && version.is_some_and(|it| ProtocolVersion::KNOWN_VERSIONS.contains(&it))
        }
    }
}
