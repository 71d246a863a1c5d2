//! Challenge and response: each side proves that it knows the user's token, without sending the token.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use vibesync_scene::{Grant, ProjectId};

/// The 32 secret bytes in the token file.
#[derive(Clone)]
pub struct Token([u8; 32]);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(secret)")
    }
}

impl Token {
    /// Parses 64 hex digits, which white space may surround. Returns none for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut key = [0; 32];
        for (byte, pair) in key.iter_mut().zip(digits.as_chunks::<2>().0) {
            let digit = |c: u8| char::from(c).to_digit(16);
            let [high, low] = *pair;
            *byte = u8::try_from(digit(high)? * 16 + digit(low)?).ok()?;
        }
        Some(Self(key))
    }

    fn prove(&self, text: &str) -> String {
        mac(&self.0, text)
    }

    /// The client's proof for the daemon's nonce.
    pub fn client_proof(
        &self,
        daemon_nonce: &str,
        client_nonce: &str,
        project: ProjectId,
    ) -> String {
        self.prove(&format!(
            "vibesync-client-1\n{daemon_nonce}\n{client_nonce}\n{project}"
        ))
    }

    /// The daemon's proof for the client's nonce.
    pub fn daemon_proof(
        &self,
        daemon_nonce: &str,
        client_nonce: &str,
        project: ProjectId,
    ) -> String {
        self.prove(&format!(
            "vibesync-daemon-1\n{client_nonce}\n{daemon_nonce}\n{project}"
        ))
    }
}

/// Returns the HMAC-SHA-256 of a text: 64 hex digits.
fn mac(key: &[u8; 32], text: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(key).ok();
    let bytes = mac.map(|mut mac| {
        mac.update(text.as_bytes());
        mac.finalize().into_bytes()
    });
    let digits = bytes.into_iter().flatten();
    digits.map(|byte| format!("{byte:02x}")).collect()
}

/// The secret of a user that marks the permissions which this user gave. It never leaves the user's own folder.
#[derive(Clone)]
pub struct GrantKey([u8; 32]);

impl std::fmt::Debug for GrantKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GrantKey(secret)")
    }
}

impl GrantKey {
    /// Takes 64 hex digits, as [`Token::parse`] does.
    pub fn parse(text: &str) -> Option<Self> {
        Token::parse(text).map(|Token(key)| Self(key))
    }

    /// Returns the code of a grant in a project. All fields but `mac` count.
    pub fn sign(&self, project: ProjectId, grant: &Grant) -> String {
        let unsigned = Grant {
            mac: String::new(),
            ..grant.clone()
        };
        // Serializing plain data into memory cannot fail.
        let content = serde_json::to_string(&unsigned).unwrap_or_default();
        mac(&self.0, &format!("vibesync-grant-1\n{project}\n{content}"))
    }

    /// Returns true if this user gave the grant for this project.
    pub fn is_ours(&self, project: ProjectId, grant: &Grant) -> bool {
        proofs_equal(&self.sign(project, grant), &grant.mac)
    }
}

/// Compares two proofs in a time that does not depend on the position of a difference.
pub fn proofs_equal(a: &str, b: &str) -> bool {
    a.len() == b.len()
        && a.bytes()
            .zip(b.bytes())
            .fold(0, |differs, (x, y)| differs | (x ^ y))
            == 0
}
