//! Decides from the head of a request whether its client may be served.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Response, StatusCode, Uri};
use vibesync_protocol::auth::proofs_equal;

/// The only path that is served.
pub const PATH: &str = "/mcp";

/// The names by which clients reach the loopback interface.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The reason why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request has no secret, or another one.
    Unauthorized,
    /// Nothing is served at this path.
    NotFound,
    /// The client took too long.
    TooSlow,
}

impl Refusal {
    fn status(self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "send the header `Authorization: Bearer TOKEN`; `vibesync mcp http-token` prints the token\n",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "the server is at /mcp\n"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "the request took too long\n"),
        }
    }

    /// Builds the answer. The connection closes after it, because the body of the request was not read.
    pub fn response(self) -> Response<BoxBody<Bytes, Infallible>> {
        let (status, text) = self.status();
        let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())).boxed());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        let plain = HeaderValue::from_static("text/plain; charset=utf-8");
        headers.insert(CONTENT_TYPE, plain);
        if self == Self::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Checks the secret, then the path. Nothing is told about paths without the secret.
pub fn check(uri: &Uri, headers: &HeaderMap, secret: &str) -> Result<(), Refusal> {
    if !is_authorized(headers, secret) {
        return Err(Refusal::Unauthorized);
    }
    match uri.path() == PATH {
        true => Ok(()),
        false => Err(Refusal::NotFound),
    }
}

/// Returns true if the request has the secret, once. The time does not depend on the position of a difference.
fn is_authorized(headers: &HeaderMap, secret: &str) -> bool {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let (Some(given), None) = (given.next(), given.next()) else {
        return false;
    };
    let Some((scheme, token)) = given.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return false;
    };
    scheme.eq_ignore_ascii_case("bearer")
        && !secret.is_empty()
        && proofs_equal(token.trim_matches(' '), secret)
}

/// Returns the values of the header Host that are served.
pub fn hosts(port: u16) -> [String; 3] {
    NAMES.map(|name| format!("{name}:{port}"))
}

/// Returns the values of the header Origin that are served: those of the listener itself.
pub fn origins(port: u16) -> [String; 3] {
    NAMES.map(|name| format!("http://{name}:{port}"))
}
