//! Serves clients over HTTP: many on one listener, each with the same secret.
//!
//! The program accepts the connections and hands each to [`HttpServer::serve`]. A request is refused by `access` before
//! its body is read. The library rmcp then checks Host and Origin, reads the body, and keeps the sessions of the revision
//! 2025-11-25.

mod access;

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Semaphore;

use crate::calls::Calls;
use crate::daemon::Daemon;
use crate::serve::Limits;
use crate::server::Server;
pub use access::PATH as HTTP_PATH;
use access::Refusal;

/// Number of headers of a request.
const MAX_HEADERS: usize = 64;

/// Size of the line and the headers of a request, bytes.
const MAX_HEAD: usize = 32 << 10;

/// Limits of a server over HTTP.
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    /// Limits of calls, and of the body of a request (`line`).
    pub calls: Limits,
    /// Number of connections at the same time; for the caller, which accepts them.
    pub connections: usize,
    /// Number of sessions and requests under way at the same time.
    pub sessions: usize,
    /// Time until a connection has sent the headers of its next request.
    pub headers: Duration,
    /// Time from the headers of a request to those of its answer. The client sends the body meanwhile.
    pub request: Duration,
    /// Time without a message after which a session of the revision 2025-11-25 ends.
    pub session_idle: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            calls: Limits::default(),
            connections: 100,
            sessions: 500,
            headers: Duration::from_secs(10),
            request: Duration::from_secs(60),
            session_idle: Duration::from_secs(3_600),
        }
    }
}

/// The server of one listener. Its sessions end when it is dropped.
pub struct HttpServer {
    service: StreamableHttpService<Server, LocalSessionManager>,
    secret: String,
    limits: HttpLimits,
}

impl HttpServer {
    /// Creates the server for a loopback port. Clients prove themselves with the secret.
    pub fn new(daemon: Arc<dyn Daemon>, secret: String, port: u16, limits: HttpLimits) -> Self {
        let calls = Calls::new(daemon, limits.calls.answer, limits.calls.calls);
        let permits = Arc::new(Semaphore::new(limits.sessions));
        let create = move || {
            let permit = Arc::clone(&permits).try_acquire_owned();
            let permit = permit.map_err(|_| io::Error::other("too many sessions"))?;
            Ok(Server::with_permit(calls.clone(), permit))
        };
        let mut sessions = SessionConfig::default();
        sessions.keep_alive = Some(limits.session_idle);
        let mut manager = LocalSessionManager::default();
        manager.session_config = sessions;
        let config = StreamableHttpServerConfig::default()
            .with_allowed_hosts(access::hosts(port))
            .with_allowed_origins(access::origins(port))
            .with_max_request_body_bytes(limits.calls.line);
        Self {
            service: StreamableHttpService::new(create, Arc::new(manager), config),
            secret,
            limits,
        }
    }

    /// Serves one connection until either side closes it.
    pub async fn serve<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let answer = service_fn(async |request| Ok::<_, Infallible>(self.answer(request).await));
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.headers)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), answer)
            .await;
        if let Err(error) = serving {
            tracing::debug!("a connection ended: {error}");
        }
    }

    /// Answers a request. Looks at the body only after the secret was proved.
    async fn answer(&self, mut request: Request<Incoming>) -> Response<BoxBody<Bytes, Infallible>> {
        if let Err(refusal) = access::check(request.uri(), request.headers(), &self.secret) {
            return refusal.response();
        }
        request.headers_mut().remove(AUTHORIZATION);
        let handled = Box::pin(self.service.handle(request));
        match tokio::time::timeout(self.limits.request, handled).await {
            Ok(response) => response,
            Err(_) => Refusal::TooSlow.response(),
        }
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.service.config.cancellation_token.cancel();
    }
}
