//! Serves agents over HTTP: accepts connections of the loopback interface, and ends them all when the secret changes.

use std::convert::Infallible;
use std::io::{ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use vibesync_mcp::{Daemon, HTTP_PATH, HttpLimits, HttpServer};
use vibesync_scene::Code;

use crate::error::Error;
use crate::platform::http_token::HttpToken;

/// Time between two looks at the file of the secret.
const LOOK: Duration = Duration::from_secs(1);

/// Wait after a connection could not be accepted: probably there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Number of free ports that are tried until one is free for both addresses.
const ATTEMPTS: usize = 8;

/// Serves until it is dropped. Fails if the port or the secret cannot be used.
pub(super) async fn serve(daemon: Arc<dyn Daemon>, port: u16) -> Result<Infallible, Error> {
    let token = HttpToken::of_user()?;
    let mut secret = token.read_or_create()?;
    let listeners = Listeners::bind(port).await?;
    announce(listeners.port, &token);
    loop {
        let server = HttpServer::new(
            Arc::clone(&daemon),
            secret.clone(),
            listeners.port,
            HttpLimits::default(),
        );
        secret = tokio::select! {
            never = accept(&listeners, Arc::new(server)) => match never {},
            changed = changed(&token, &secret) => changed?,
        };
        tracing::warn!("the secret was replaced: all connections were closed");
    }
}

/// Prints the address and the file of the secret for people. They are no part of the protocol.
fn announce(port: u16, token: &HttpToken) {
    let path = token.path();
    // Ignored: a closed output is no reason not to serve.
    let _ = writeln!(
        std::io::stdout(),
        "http://{}:{port}{HTTP_PATH}, with the secret in {}",
        Ipv4Addr::LOCALHOST,
        path.display()
    );
}

/// Returns the secret as soon as it differs. Fails if it cannot be used any more.
async fn changed(token: &HttpToken, secret: &str) -> Result<String, Error> {
    loop {
        tokio::time::sleep(LOOK).await;
        let found = token.read()?;
        if found != secret {
            return Ok(found);
        }
    }
}

/// Accepts connections. All end when the future is dropped.
async fn accept(listeners: &Listeners, server: Arc<HttpServer>) -> Infallible {
    let permits = Arc::new(Semaphore::new(HttpLimits::default().connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listeners.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let stream = match accepted {
            Ok(stream) => stream,
            Err(error) => {
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            tracing::warn!("a connection was refused: too many are open");
            continue;
        };
        let server = Arc::clone(&server);
        connections.spawn(async move {
            server.serve(stream).await;
            drop(permit);
        });
    }
}

/// The listeners: one of IPv4, and one of IPv6 at the same port if this computer has it.
struct Listeners {
    v4: TcpListener,
    v6: Option<TcpListener>,
    port: u16,
}

impl Listeners {
    /// Binds the port at each loopback address. Clients that know the name `localhost` may try either, and would hand the
    /// secret to another program at the second one.
    async fn bind(port: u16) -> Result<Self, Error> {
        let mut attempts = if port == 0 { ATTEMPTS } else { 1 };
        loop {
            attempts -= 1;
            let v4 = listen(IpAddr::V4(Ipv4Addr::LOCALHOST), port).await?;
            let bound = v4.local_addr();
            let port = bound
                .map_err(|error| Error::from_source(Code::CannotListen, "", error))?
                .port();
            match listen(IpAddr::V6(Ipv6Addr::LOCALHOST), port).await {
                Ok(v6) => {
                    return Ok(Self {
                        v4,
                        v6: Some(v6),
                        port,
                    });
                }
                Err(Refused {
                    is_taken: false, ..
                }) => return Ok(Self { v4, v6: None, port }),
                Err(_) if attempts > 0 => {}
                Err(refused) => return Err(refused.into()),
            }
        }
    }

    async fn accept(&self) -> std::io::Result<TcpStream> {
        let v6 = async {
            match &self.v6 {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        let accepted = tokio::select! {
            accepted = self.v4.accept() => accepted,
            accepted = v6 => accepted,
        };
        accepted.map(|(stream, _)| stream)
    }
}

/// An address that cannot be listened at.
struct Refused {
    address: SocketAddr,
    error: std::io::Error,
    /// Another program has it, or it needs privileges. Otherwise this computer has no such address.
    is_taken: bool,
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let Refused { address, error, .. } = refused;
        let help = "Name another port: `vibesync mcp --http PORT`; 0 takes a free one.";
        Error::from_source(Code::CannotListen, address, error).with_help(help)
    }
}

async fn listen(ip: IpAddr, port: u16) -> Result<TcpListener, Refused> {
    let address = SocketAddr::new(ip, port);
    TcpListener::bind(address).await.map_err(|error| Refused {
        address,
        is_taken: matches!(
            error.kind(),
            ErrorKind::AddrInUse | ErrorKind::PermissionDenied
        ),
        error,
    })
}
