//! The names of extensions that are read.

pub(super) const LIGHTS: &str = "KHR_lights_punctual";
pub(super) const VISIBILITY: &str = "KHR_node_visibility";
pub(super) const TRANSFORM: &str = "KHR_texture_transform";
pub(super) const STRENGTH: &str = "KHR_materials_emissive_strength";
pub(super) const WEBP: &str = "EXT_texture_webp";

/// All of them. Quantized meshes are read because accessors may have any component type.
pub(super) const ALL: [&str; 6] = [
    LIGHTS,
    VISIBILITY,
    TRANSFORM,
    STRENGTH,
    WEBP,
    "KHR_mesh_quantization",
];
