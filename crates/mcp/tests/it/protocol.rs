//! The start of a conversation, in both eras, and its end.

use std::time::Duration;

use serde_json::{Value, json};
use vibesync_mcp::{End, Limits};

use crate::client::{Client, ERAS, Era};
use crate::fake::Fake;

#[tokio::test]
async fn initialize_agrees_on_the_client_s_revision() {
    let (client, about) = Client::open(Fake::new(), Era::Legacy).await;
    assert_eq!(about["protocolVersion"], "2025-11-25");
    assert_eq!(about["serverInfo"]["name"], "vibesync");
    assert_eq!(about["capabilities"]["resources"]["subscribe"], true);
    assert_eq!(client.close().await, End::Closed);
}

#[tokio::test]
async fn discover_names_both_revisions() {
    let (client, about) = Client::open(Fake::new(), Era::Modern).await;
    let versions = about["supportedVersions"].as_array().unwrap();
    for version in ["2025-11-25", "2026-07-28"] {
        assert!(versions.contains(&json!(version)), "{about}");
    }
    assert_eq!(about["cacheScope"], "private");
    assert_eq!(client.close().await, End::Closed);
}

#[tokio::test]
async fn initialize_is_served_after_discover() {
    let (mut client, _) = Client::open(Fake::new(), Era::Modern).await;
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
    let message = json!({"jsonrpc": "2.0", "id": "a", "method": "initialize", "params": params});
    client.send(&message).await;
    let answer = client.receive().await;
    assert_eq!(
        answer["result"]["protocolVersion"], "2025-11-25",
        "{answer}"
    );
    let list = json!({"jsonrpc": "2.0", "id": "b", "method": "tools/list"});
    client.send(&list).await;
    let answer = client.receive().await;
    assert!(answer["result"]["tools"].is_array(), "{answer}");
}

#[tokio::test]
async fn unknown_revision_is_refused_with_the_known_ones() {
    let mut client = Client::dial(Fake::new(), Era::Legacy, Limits::default());
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2099-01-01",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let answer = client.answer("tools/list", json!({"_meta": meta})).await;
    assert_eq!(answer["error"]["code"], -32022, "{answer}");
    let supported = &answer["error"]["data"]["supported"];
    assert!(supported.as_array().unwrap().contains(&json!("2026-07-28")));
}

#[tokio::test]
async fn results_carry_the_fields_of_their_era() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::new(), era).await;
        let listed = client.request("tools/list", json!({})).await;
        let is_modern = era == Era::Modern;
        let expected = if is_modern {
            json!("complete")
        } else {
            Value::Null
        };
        assert_eq!(listed["resultType"], expected);
        if is_modern {
            assert_eq!(listed["cacheScope"], "private");
        }
    }
}

#[tokio::test]
async fn unknown_method_is_refused() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::new(), era).await;
        let answer = client.answer("scene/explode", json!({})).await;
        assert_eq!(answer["error"]["code"], -32601, "{answer}");
    }
}

#[tokio::test]
async fn server_ends_when_no_request_comes() {
    let limits = Limits {
        first_request: Duration::from_millis(200),
        ..Limits::default()
    };
    let client = Client::dial(Fake::new(), Era::Modern, limits);
    assert_eq!(client.ended().await, End::NoRequest);
}

#[tokio::test]
async fn server_with_a_request_stays() {
    let limits = Limits {
        first_request: Duration::from_millis(200),
        ..Limits::default()
    };
    let mut client = Client::dial(Fake::new(), Era::Modern, limits);
    client.begin().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    client.request("tools/list", json!({})).await;
    assert_eq!(client.close().await, End::Closed);
}
