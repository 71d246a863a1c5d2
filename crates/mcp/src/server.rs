//! Answers the requests of a client, in both revisions of the protocol.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{
    CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, CompleteRequestParams,
    CompleteResult, CompletionInfo, ContentBlock, DiscoverResult, ErrorData,
    GetPromptRequestParams, GetPromptResponse, GetPromptResult, InitializeRequestParams,
    InitializeResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListToolsResult, PaginatedRequestParams, PromptMessage, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, Reference, ResourceContents, Role, ServerConfig,
    SubscribeRequestParams, SubscriptionFilter, UnsubscribeRequestParams,
};
use rmcp::service::{NotificationContext, RequestContext, SubscriptionContext};
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Map, Value, json};
use tokio::sync::OwnedSemaphorePermit;
use vibesync_capability::SEPARATOR;
use vibesync_protocol::{Capability, Picture};

use crate::calls::Calls;
use crate::completions::Wanted;
use crate::daemon::Fault;
use crate::resources::Resource;
use crate::subscriptions::{self, Subscribed};
use crate::tools::Answer;
use crate::{answer, capabilities, listing, prompts, tools};

/// Time for which clients may keep lists, in milliseconds.
const LIST_TTL: u64 = 10_000;

/// Time for which clients may keep a resource, in milliseconds.
const READ_TTL: u64 = 2_000;

/// The server for one client.
#[derive(Clone)]
pub struct Server {
    calls: Calls,
    subscribed: Subscribed,
    /// Counts this server among those of a listener, until its last copy is dropped.
    _permit: Option<Arc<OwnedSemaphorePermit>>,
    /// The number of changes of add-ons at the start.
    capability_changes: u64,
}

impl Server {
    /// Creates the server.
    pub fn new(calls: Calls) -> Self {
        Self {
            capability_changes: calls.capability_changes(),
            calls,
            subscribed: Subscribed::default(),
            _permit: None,
        }
    }

    /// Creates a server that holds one of a bounded number of permits.
    pub fn with_permit(calls: Calls, permit: OwnedSemaphorePermit) -> Self {
        Self {
            _permit: Some(Arc::new(permit)),
            ..Self::new(calls)
        }
    }

    /// Returns the add-ons; none if no daemon runs.
    async fn addons(&self) -> Vec<Capability> {
        let asked = self.calls.run(|daemon| daemon.capabilities()).await;
        asked.unwrap_or_else(|fault| {
            tracing::debug!("the add-ons are not known now: {}", fault.message);
            Vec::new()
        })
    }

    /// Calls a tool of an add-on by its generated name. A name of an old list is answered with the way to find the tools.
    async fn call_generated(
        &self,
        name: &str,
        params: Map<String, Value>,
    ) -> Result<Answer, Fault> {
        let addons = self.calls.run(|daemon| daemon.capabilities()).await?;
        let names = capabilities::names(&capabilities::ready(&addons));
        let id = names
            .resolve(name)
            .map_err(|invalid| Fault::new(invalid.code, invalid.location, invalid.message))?;
        let arguments = json!({"addon_id": id.addon_id, "tool": id.tool, "params": params});
        let (Some(tool), Value::Object(arguments)) = (tools::find("call_capability"), arguments)
        else {
            return Err(Fault::argument("name", "no such tool"));
        };
        self.calls.call(tool, arguments).await
    }
}

/// Builds the result of a call. The text is the same JSON as the structured content, for clients that read one of them.
fn tool_result(answered: Result<Answer, Fault>) -> CallToolResponse {
    let (value, text, picture) = match answered {
        Ok(Answer {
            fields,
            text,
            picture,
        }) => (fields, text, picture),
        Err(fault) => {
            let error = answer::error(&fault);
            let text = error.to_string();
            (error, text, None)
        }
    };
    let is_error = value.get("error").is_some();
    let mut content = vec![ContentBlock::text(text)];
    // Clients read base64 in structured content as text, which costs a conversation more than the picture.
    let data = picture.map(|Picture(png)| STANDARD.encode(png));
    content.extend(data.map(|data| ContentBlock::image(data, "image/png")));
    let mut result = match is_error {
        false => CallToolResult::success(content),
        true => CallToolResult::error(content),
    };
    result.structured_content = Some(value);
    result.into()
}

/// Builds the error for a resource that cannot be read now.
fn unreadable(fault: &Fault) -> ErrorData {
    let message = format!("{}: {} {}", fault.code, fault.message, fault.help);
    ErrorData::internal_error(message, Some(answer::error(fault)))
}

#[allow(
    deprecated,
    reason = "the revision 2025-11-25 has resources/subscribe and resources/unsubscribe"
)]
impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        listing::server_info()
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(request.clone());
        let mut result = self.negotiate_initialize(&request)?;
        result.instructions = listing::server_info_with(&self.addons().await).instructions;
        Ok(result)
    }

    async fn discover(
        &self,
        _context: RequestContext<RoleServer>,
    ) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        let info = listing::server_info_with(&self.addons().await);
        Ok(DiscoverResult::from_server_info(versions, info)
            .with_ttl_ms(LIST_TTL)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(
            ListToolsResult::with_all_items(listing::tools(&self.addons().await))
                .with_ttl_ms(LIST_TTL)
                .with_cache_scope(CacheScope::Private),
        )
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        let calling = async {
            match tools::find(&request.name) {
                Some(tool) => Some(self.calls.call(tool, arguments).await),
                None if request.name.contains(SEPARATOR) => {
                    Some(self.call_generated(&request.name, arguments).await)
                }
                None => None,
            }
        };
        tokio::select! {
            answered = calling => match answered {
                Some(answered) => Ok(tool_result(answered)),
                None => {
                    let data = json!({"name": crate::escape(&request.name, 64)});
                    Err(ErrorData::invalid_params("unknown tool", Some(data)))
                }
            },
            () = context.ct.cancelled() => {
                Err(ErrorData::internal_error("the client has cancelled the call", None))
            }
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(listing::resources())
            .with_ttl_ms(LIST_TTL)
            .with_cache_scope(CacheScope::Private))
    }

    async fn list_resource_templates(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(
            ListResourceTemplatesResult::with_all_items(listing::templates())
                .with_ttl_ms(LIST_TTL)
                .with_cache_scope(CacheScope::Private),
        )
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let resource = Resource::parse(&request.uri).ok_or_else(|| unknown(&request.uri))?;
        let read = self.calls.run(move |daemon| resource.read(daemon)).await;
        let value = read.map_err(|fault| unreadable(&fault))?;
        let (text, mime_type) = match value {
            Value::String(text) => (text, "text/plain"),
            value => (value.to_string(), "application/json"),
        };
        let contents = ResourceContents::text(text, request.uri);
        let contents = vec![contents.with_mime_type(mime_type)];
        Ok(ReadResourceResult::new(contents)
            .with_ttl_ms(READ_TTL)
            .with_cache_scope(CacheScope::Private)
            .into())
    }

    async fn list_prompts(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(listing::prompts())
            .with_ttl_ms(LIST_TTL)
            .with_cache_scope(CacheScope::Private))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let given = request.arguments.unwrap_or_default();
        let text = prompts::write(&request.name, &given);
        let text = text.map_err(|why| ErrorData::invalid_params(why, None))?;
        let message = PromptMessage::new_text(Role::User, text);
        Ok(GetPromptResult::new(vec![message]).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let argument = &request.argument;
        let (name, typed) = (argument.name.as_str(), argument.value.as_str());
        let wanted = match &request.r#ref {
            Reference::Resource(resource) => Wanted::of_resource(&resource.uri, name, typed),
            Reference::Prompt(prompt) => Wanted::of_prompt(&prompt.name, name, typed),
            _ => None,
        };
        let Some(wanted) = wanted else {
            return Ok(CompleteResult::default());
        };
        let found = self.calls.run(move |daemon| wanted.find(daemon)).await;
        let (values, has_more) = found.map_err(|fault| unreadable(&fault))?;
        let completion = CompletionInfo::with_pagination(values, None, has_more);
        let completion = completion.map_err(|why| ErrorData::internal_error(why, None))?;
        Ok(CompleteResult::new(completion))
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let calls = self.calls.clone();
        tokio::spawn(subscriptions::follow_tools(
            calls,
            context.peer,
            self.capability_changes,
        ));
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let mut filter = SubscriptionFilter::new();
        let uris = requested.resource_subscriptions.iter().flatten();
        let known = uris.filter(|uri| Resource::parse(uri).is_some()).cloned();
        filter.tools_list_changed = requested.tools_list_changed;
        filter.resource_subscriptions = Some(known.take(subscriptions::MAX_URIS).collect());
        Some(filter)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        subscriptions::listen(&self.calls, &context).await;
        Ok(())
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        if Resource::parse(&request.uri).is_none() {
            return Err(unknown(&request.uri));
        }
        match self.subscribed.add(request.uri) {
            Ok(is_first) => {
                if is_first {
                    let (calls, subscribed) = (self.calls.clone(), self.subscribed.clone());
                    tokio::spawn(subscriptions::follow_subscribed(
                        calls,
                        subscribed,
                        context.peer,
                    ));
                }
                Ok(())
            }
            Err(why) => Err(ErrorData::invalid_params(why, None)),
        }
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.subscribed.remove(&request.uri);
        Ok(())
    }
}

fn unknown(uri: &str) -> ErrorData {
    let data = json!({"uri": crate::escape(uri, 200)});
    ErrorData::resource_not_found("no such resource", Some(data))
}
