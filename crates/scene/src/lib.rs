//! The data model of VibeSync: entities, changes, log records, and the state that follows from them.
//!
//! Pure data and pure functions: ids, components, canonical space (glTF 2.0), comparison within epsilon, digests,
//! checks and replay. No I/O, no async, no clock.

mod action;
mod action_keys;
mod agent_access;
mod agent_history;
mod agent_name;
mod armature;
mod call;
mod call_history;
mod camera;
mod change;
mod code;
mod collection;
mod compare;
mod component;
mod component_fields;
mod component_kind;
mod component_set;
mod component_table;
mod component_value;
mod components;
mod coordinates;
mod entity;
mod entity_kind;
mod epoch;
mod failure_history;
mod frames;
mod grant;
mod grants;
mod guard;
mod id;
mod image;
mod invalid;
mod last_writers;
mod light;
mod locked_values;
mod locks;
mod maps;
mod material;
mod mesh;
mod numbers;
mod open_transaction;
mod operations;
mod patch;
mod path;
mod place;
mod policy;
mod prefab;
mod record;
mod record_size;
mod reference;
mod replay;
mod role;
mod row;
mod scene;
mod scope;
mod shapes;
mod shown;
mod skin;
mod tagged;
mod text;
mod validate;
mod version;
mod view;
mod weight_bytes;
mod weights;

pub use action::{
    ActionChannel, ActionSlot, Animation, CurveRun, Extrapolation, FrameRate, KeyedAction,
};
pub use action_keys::{ActionMismatch, check_action, compare_actions};
pub use agent_access::{AgentMode, AgentScope, ApprovalDecision, ApprovalKind, Remember};
pub use agent_history::{AgentDecision, AgentHistory};
pub use agent_name::AgentName;
pub use armature::{Armature, InheritScale, Joint, Pose, Rest};
pub use call::{Call, CallEnd, CallStatus};
pub use call_history::{CallHistory, EndedCall, OpenCall};
pub use camera::{Camera, Projection, SensorFit};
pub use change::Change;
pub use code::Code;
pub use collection::{Collection, Collections, ColorTag, Instance};
pub use compare::differing_components;
pub use component::{
    Buffer, DataRef, Guard, Mesh, Nodes, Parent, RenderVisibility, Submesh, Transform, Visibility,
};
pub use component_kind::{BufferKind, ComponentField, ComponentKind, Elements, Equality};
pub use component_set::ComponentSet;
pub use component_table::COMPONENT_KINDS;
pub use components::Components;
pub use coordinates::{Axes, BLENDER, UNITY};
pub use entity::Entity;
pub use entity_kind::EntityKind;
pub use epoch::{Epoch, Epochs, MAX_WIRE_EPOCHS, common_end};
pub use failure_history::{FailureHistory, FailureState, SafeMode};
pub use frames::LocalFrame;
pub use grant::{Grant, Revocation};
pub use grants::{Grants, HeldGrant};
pub use guard::KeptEntities;
pub use id::{
    BatchId, BlobHasher, BlobId, EpochId, InstanceId, OperationId, ProjectId, SessionId, Uuid,
};
pub use image::{AlphaUse, ColorSpace, Image, ImageFormat, check_image};
pub use invalid::Invalid;
pub use last_writers::{Author, LastWriter, LastWriters, Quarantine};
pub use light::{AreaShape, Light, LightType};
pub use locked_values::{find_locked_change, keep_locked, take_own_locked};
pub use locks::{LockedFields, Locks};
pub use maps::{Channel, Filter, Maps, TextureMap, Wrap};
pub use material::{AlphaMode, Emission, Materials, Pbr, Slots};
pub use mesh::{
    MeshBytes, MeshMismatch, MeshPieces, check_mesh, check_mesh_except, compare_meshes,
    element_bytes,
};
pub use numbers::{EPSILON, nearly_equal, rotations_equal};
pub use open_transaction::OpenTransaction;
pub use operations::{Operation, OperationEnd, Operations};
pub use patch::{PatchInvalid, apply_patch, is_patch_of_numbers};
pub use path::Path;
pub use place::{compose, decompose, multiply};
pub use policy::{Finding, PolicyDecision, Verdict};
pub use prefab::Prefab;
pub use record::{
    ConflictingChange, FailureCount, LostRecords, Outcome, Payload, Phase, RecordBody,
};
pub use reference::{Reference, Target};
pub use replay::Replay;
pub use role::Role;
pub use row::Row;
pub use scene::Scene;
pub use scope::Scope;
pub use shapes::{ShapeKey, ShapeValues, Shapes, check_shapes_except, compare_shapes};
pub use shown::Shown;
pub use skin::Skin;
pub use tagged::{ExtractField, Tagged};
pub use text::{MAX_TEXT_CHARS, truncate_text};
pub use validate::check_change;
pub use version::{LOG_VERSION, SCHEMA_VERSION};
pub use view::{Look, Viewed};
pub use weight_bytes::{check_weights, compare_weights};
pub use weights::Weights;
