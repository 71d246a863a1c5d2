//! The fields and the buffers of components, for the table of components.

use crate::component_kind::{BufferKind, ComponentField, Elements};

pub(crate) const fn field(name: &'static str, shape: &'static str) -> ComponentField {
    ComponentField {
        name,
        shape,
        unit: "",
        can_lock: false,
    }
}

pub(crate) const fn lockable(name: &'static str, shape: &'static str) -> ComponentField {
    ComponentField {
        can_lock: true,
        ..field(name, shape)
    }
}

pub(crate) const REFERENCE: &[ComponentField] = &[field("uuid", "uuid or null")];

pub(crate) const MESH_FIELDS: &[ComponentField] = &[
    field("vertex_count", "n"),
    field("corner_count", "m"),
    field("submeshes", r#"[{"slot","start","count"}]"#),
    field("buffers", "{name: buffer}"),
];

pub(crate) const fn measure(
    name: &'static str,
    shape: &'static str,
    unit: &'static str,
) -> ComponentField {
    ComponentField {
        unit,
        ..lockable(name, shape)
    }
}

pub(crate) const LIGHT_FIELDS: &[ComponentField] = &[
    lockable("type", "point|sun|spot|area"),
    lockable("color", "[r,g,b]"),
    measure("intensity", "n", "cd, lx or lm"),
    measure("range", "n or null", "m"),
    measure("inner", "n", "rad"),
    measure("outer", "n", "rad"),
    lockable("shape", "rect|disk"),
    measure("size", "[w,h]", "m"),
    measure("radius", "n", "m"),
    measure("angle", "n", "rad"),
    lockable("shadow", "bool"),
    measure("temperature", "n or null", "K"),
    lockable("tint", "[r,g,b]"),
];

pub(crate) const CAMERA_FIELDS: &[ComponentField] = &[
    lockable("projection", "perspective|orthographic"),
    lockable("fit", "auto|horizontal|vertical|fill|overscan|none"),
    measure("sensor", "[w,h]", "mm"),
    measure("focal", "n", "mm"),
    measure("size", "n", "m"),
    lockable("shift", "[x,y]"),
    measure("near", "n", "m"),
    measure("far", "n", "m"),
    field("aspect", "n"),
    lockable("physical", "bool"),
    measure("focus", "n", "m"),
    lockable("fstop", "n"),
];

pub(crate) const PBR_FIELDS: &[ComponentField] = &[
    lockable("base_color", "[r,g,b,a]"),
    lockable("metallic", "n"),
    lockable("roughness", "n"),
    lockable("alpha_mode", "opaque|mask|blend"),
    lockable("alpha_cutoff", "n"),
    lockable("double_sided", "bool"),
    lockable("normal_scale", "n"),
    lockable("occlusion_strength", "n"),
];

pub(crate) const EMISSION_FIELDS: &[ComponentField] =
    &[lockable("color", "[r,g,b]"), lockable("strength", "n")];

pub(crate) const MAPS_FIELDS: &[ComponentField] = &[
    lockable("base_color", "map or null"),
    lockable("alpha", "map or null"),
    lockable("metallic", "map or null"),
    lockable("roughness", "map or null"),
    lockable("normal", "map or null"),
    lockable("occlusion", "map or null"),
    lockable("emission", "map or null"),
];

pub(crate) const IMAGE_FIELDS: &[ComponentField] = &[
    field("width", "n"),
    field("height", "n"),
    field("color_space", "srgb|linear|data"),
    field("alpha", "straight|premul|packed|none"),
    field("format", "png|jpeg|exr|hdr|tga|tiff|bmp|webp"),
    field("buffers", "{name: buffer}"),
];

pub(crate) const WEIGHTS_FIELDS: &[ComponentField] = &[
    field("vertex_count", "n"),
    field("corner_count", "m"),
    field("groups", "[name]"),
    field("buffers", "{name: buffer}"),
];

pub(crate) const SHAPES_FIELDS: &[ComponentField] = &[
    field("vertex_count", "n"),
    field("corner_count", "m"),
    field("keys", r#"[{"name","relative_to","min","max"}]"#),
    field("buffers", "{name: buffer}"),
];

pub(crate) const COLLECTION_FIELDS: &[ComponentField] = &[
    field("parents", "[uuid]"),
    field("root", "bool"),
    ComponentField {
        unit: "m",
        ..field("offset", "[x,y,z]")
    },
    field(
        "color",
        "none|red|orange|yellow|green|blue|violet|pink|brown",
    ),
    field("hidden", "bool"),
];

pub(crate) const ACTION_FIELDS: &[ComponentField] = &[
    field("fps", r#"{"num","den"}"#),
    ComponentField {
        unit: "frames",
        ..field("range", "[first,last]")
    },
    field("loop", "bool"),
    field("slots", r#"[{"id","kind","channels"}]"#),
    field("buffers", "{name: buffer}"),
];

/// The buffers of a mesh.
pub(crate) const MESH_BUFFERS: &[BufferKind] = &[
    BufferKind {
        is_required: true,
        ..buffer(&["position"], 3, Elements::Vertex)
    },
    BufferKind {
        number: "uint32",
        is_required: true,
        ..buffer(&["index"], 1, Elements::Corner)
    },
    buffer(&["normal"], 3, Elements::Corner),
    buffer(
        &["uv0", "uv1", "uv2", "uv3", "uv4", "uv5", "uv6", "uv7"],
        2,
        Elements::Corner,
    ),
    BufferKind {
        note: ", linear",
        ..buffer(&["color0"], 4, Elements::Corner)
    },
];

/// The buffer of an image.
pub(crate) const IMAGE_BUFFERS: &[BufferKind] = &[BufferKind {
    number: "byte",
    is_required: true,
    ..buffer(&["file"], 1, Elements::Byte)
}];

/// The buffers of vertex groups. `offset` has one element more than there are vertices.
pub(crate) const WEIGHTS_BUFFERS: &[BufferKind] = &[
    BufferKind {
        number: "uint32",
        ..buffer(&["group"], 1, Elements::Membership)
    },
    BufferKind {
        number: "uint32",
        ..buffer(&["offset"], 1, Elements::Vertex)
    },
    BufferKind {
        number: "uint32",
        ..buffer(&["vertex"], 1, Elements::Corner)
    },
    buffer(&["weight"], 1, Elements::Membership),
];

/// The buffers of shape keys. Each key has a run of deltas, in the order of the keys.
pub(crate) const SHAPES_BUFFERS: &[BufferKind] = &[
    buffer(&["delta"], 3, Elements::Vertex),
    BufferKind {
        number: "uint32",
        ..buffer(&["vertex"], 1, Elements::Corner)
    },
];

/// The buffers of an action. A key has six numbers and, as its last word, an unsigned integer: the interpolation.
pub(crate) const ACTION_BUFFERS: &[BufferKind] = &[
    buffer(&["keys"], 7, Elements::Key),
    buffer(&["samples"], 1, Elements::Frame),
];

pub(crate) const fn buffer(
    names: &'static [&'static str],
    count: u64,
    per: Elements,
) -> BufferKind {
    BufferKind {
        names,
        number: "float32",
        count,
        per,
        is_required: false,
        note: "",
    }
}
