//! Tests of the crate as its users see it.

mod cameras;
mod file;
mod scene;
mod textures;
mod work;
