//! Textures: images of the scene or packed ones, with the sampler and the place of a map.

use std::collections::{BTreeMap, BTreeSet};

use gltf_json::image::MimeType;
use gltf_json::texture::{MagFilter, MinFilter, Sampler, WrappingMode};
use gltf_json::validation::Checked::Valid;
use gltf_json::{Image, Index, Texture, Value};
use serde_json::json;
use uuid::Uuid;
use vibesync_scene::{ColorSpace, Filter, ImageFormat, Invalid, TextureMap, Wrap};

use super::extras::extras;
use super::file::{File, Sampling};
use super::picture;
use super::recipe::Recipe;
use crate::notes::Note;

/// A texture as a material names it.
pub(super) struct Placed {
    pub index: Index<Texture>,
    pub uv: u32,
    pub transform: Option<Value>,
}

/// The file of an image of the scene.
struct ImageFile {
    format: ImageFormat,
    space: ColorSpace,
    bytes: Vec<u8>,
}

impl File<'_> {
    /// Adds a texture to the file; none, with a note about the material `name`, if it cannot be made.
    pub(super) fn texture(
        &mut self,
        recipe: &Recipe,
        place: &TextureMap,
        name: &str,
    ) -> Result<Option<Placed>, Invalid> {
        let image = match self.textures.packed.get(recipe) {
            Some(image) => Some(*image),
            None => self.image(recipe, name)?,
        };
        let Some(image) = image else {
            return Ok(None);
        };
        self.textures.packed.insert(*recipe, image);
        let sampling = sampling(place);
        let key = (image.value() as u32, sampling);
        let index = match self.textures.textures.get(&key) {
            Some(index) => *index,
            None => {
                let sampler = self.sampler(sampling, place);
                self.root.push(Texture {
                    name: None,
                    sampler: Some(sampler),
                    source: image,
                    extensions: None,
                    extras: None,
                })
            }
        };
        self.textures.textures.insert(key, index);
        Ok(Some(Placed {
            index,
            uv: u32::from(place.uv),
            transform: transform(place),
        }))
    }

    /// Adds the image of a recipe: a file of the scene if it is one, else a packed one.
    fn image(&mut self, recipe: &Recipe, name: &str) -> Result<Option<Index<Image>>, Invalid> {
        let mut files = BTreeMap::new();
        let wanted: BTreeSet<Uuid> = recipe.images().collect();
        for uuid in wanted {
            let Some(file) = self.read_image(uuid)? else {
                self.notes.add(Note::ImageFormat, name);
                return Ok(None);
            };
            files.insert(uuid, file);
        }
        let describe = |uuid: Uuid| {
            let file = files.get(&uuid)?;
            Some((file.space, picture::has_alpha(file.format, &file.bytes)?))
        };
        if let Some(uuid) = recipe.same_as(describe) {
            return Ok(files.remove(&uuid).map(|file| self.add_file(uuid, &file)));
        }
        let mut pictures = BTreeMap::new();
        for (uuid, file) in files {
            if let Some(picture) = picture::decode(&file.bytes) {
                pictures.insert(uuid, (picture, file.space));
            }
        }
        let packed = recipe.pack(&pictures);
        let bytes = packed.and_then(|picture| picture::encode(&picture));
        let Some(bytes) = bytes else {
            self.notes.add(Note::Repacking, name);
            return Ok(None);
        };
        Ok(Some(self.add_image(name, ImageFormat::Png, &bytes, None)))
    }

    /// Reads the file of an image; none if glTF cannot have it.
    fn read_image(&mut self, uuid: Uuid) -> Result<Option<ImageFile>, Invalid> {
        let entity = self.entities.get(&uuid);
        let Some(image) = entity.and_then(|entity| entity.components.image.as_ref()) else {
            return Ok(None);
        };
        let blob = image.buffers.get("file").and_then(|buffer| buffer.blob);
        let Some(bytes) = blob.map(&mut *self.read).transpose()? else {
            return Ok(None);
        };
        let file = ImageFile {
            format: image.format,
            space: image.color_space,
            bytes,
        };
        let is_usable = picture::has_alpha(file.format, &file.bytes).is_some();
        Ok(is_usable.then_some(file))
    }

    fn add_file(&mut self, uuid: Uuid, file: &ImageFile) -> Index<Image> {
        if let Some(index) = self.textures.images.get(&uuid) {
            return *index;
        }
        let name = self.name(uuid);
        let index = self.add_image(&name, file.format, &file.bytes, Some(uuid));
        self.textures.images.insert(uuid, index);
        index
    }

    fn add_image(
        &mut self,
        name: &str,
        format: ImageFormat,
        bytes: &[u8],
        uuid: Option<Uuid>,
    ) -> Index<Image> {
        let view = self.binary.view(&mut self.root, bytes, None);
        let mime = match format {
            ImageFormat::Jpeg => "image/jpeg",
            _ => "image/png",
        };
        self.root.push(Image {
            buffer_view: Some(view),
            mime_type: Some(MimeType(mime.to_owned())),
            name: Some(name.to_owned()),
            uri: None,
            extensions: None,
            extras: uuid.and_then(extras),
        })
    }

    fn sampler(&mut self, sampling: Sampling, place: &TextureMap) -> Index<Sampler> {
        if let Some(index) = self.textures.samplers.get(&sampling) {
            return *index;
        }
        let [wrap_s, wrap_t] = place.wrap.map(|wrap| {
            Valid(match wrap {
                Wrap::Repeat => WrappingMode::Repeat,
                Wrap::Clamp => WrappingMode::ClampToEdge,
                Wrap::Mirror => WrappingMode::MirroredRepeat,
            })
        });
        let (mag, min) = match place.filter {
            Filter::Linear => (MagFilter::Linear, MinFilter::LinearMipmapLinear),
            Filter::Nearest => (MagFilter::Nearest, MinFilter::NearestMipmapNearest),
        };
        let index = self.root.push(Sampler {
            mag_filter: Some(Valid(mag)),
            min_filter: Some(Valid(min)),
            name: None,
            wrap_s,
            wrap_t,
            extensions: None,
            extras: None,
        });
        self.textures.samplers.insert(sampling, index);
        index
    }
}

fn sampling(place: &TextureMap) -> Sampling {
    let number = |wrap: Wrap| match wrap {
        Wrap::Repeat => 0,
        Wrap::Clamp => 1,
        Wrap::Mirror => 2,
    };
    (place.wrap.map(number), place.filter == Filter::Nearest)
}

/// Whether two maps lie in the same place, so that one texture can be both.
pub(super) fn is_same_place(a: &TextureMap, b: &TextureMap) -> bool {
    let place = |map: &TextureMap| (map.uv, map.offset, map.rotation, map.tile);
    place(a) == place(b) && sampling(a) == sampling(b)
}

/// Converts the place of a map to V down; none if it is the usual one.
fn transform(map: &TextureMap) -> Option<Value> {
    if (map.offset, map.rotation, map.tile) == ([0.0; 2], 0.0, [1.0; 2]) {
        return None;
    }
    let ([x, y], [u, v]) = (map.offset, map.tile);
    let (sine, cosine) = map.rotation.sin_cos();
    let offset = [x - v * sine, 1.0 - y - v * cosine];
    // As float32 and in decimal, like all numbers of the document.
    let [x, y] = offset.map(|it| it as f32);
    let (rotation, scale) = (map.rotation as f32, [u as f32, v as f32]);
    Some(json!({"offset": [x, y], "rotation": rotation, "scale": scale}))
}
