//! Textures: the image, its place on the surface, and the way in which it is sampled.

use vibesync_scene::{
    AlphaUse, Channel, ColorSpace, Components, EntityKind, Filter, Image, ImageFormat, Invalid,
    TextureMap, Wrap,
};

use super::buffers::resource;
use super::extension;
use super::groups::UV_SETS;
use super::image_head::ImageHead;
use super::materials::Texture;
use super::place::Place;
use super::work::{MadeImage, Work, name};
use crate::notes::ImportNote;

/// Filter of textures that takes the nearest pixel.
const NEAREST: usize = 9728;

impl<'a> Work<'a, '_> {
    /// Returns the texture that a material names; none if it names none, and, with a note, if it cannot be read.
    pub fn texture(
        &mut self,
        place: &Place<'a>,
        material: &str,
        is_color: bool,
    ) -> Result<Option<Texture>, Invalid> {
        let Some((_, texture)) = place.field("index").named(&self.root, "textures")? else {
            return Ok(None);
        };
        let transform = place.extension(extension::TRANSFORM);
        let uv = match transform.field("texCoord").count()? {
            Some(set) => set,
            None => place.field("texCoord").count()?.unwrap_or(0),
        };
        if uv >= UV_SETS {
            self.note(ImportNote::TextureSet, material);
            return Ok(None);
        }
        let source = match texture.field("source").named(&self.root, "images")? {
            None => texture
                .extension(extension::WEBP)
                .field("source")
                .named(&self.root, "images")?,
            found => found,
        };
        let image = match source {
            Some((index, image)) => self.image((index, is_color), &image)?,
            None => None,
        };
        let Some((image, has_alpha)) = image else {
            self.note(ImportNote::ImageFormat, material);
            return Ok(None);
        };
        let (wrap, filter) = sampling(&self.root, &texture)?;
        let (offset, rotation, tile) = moved(&transform)?;
        let map = TextureMap {
            image,
            channel: Channel::Rgb,
            scale: 1.0,
            bias: 0.0,
            uv: uv as u8,
            offset,
            rotation,
            tile,
            wrap,
            filter,
        };
        Ok(Some(Texture { map, has_alpha }))
    }

    /// Returns the image of an index, for colors or for other values; none if its file cannot be used.
    fn image(&mut self, key: (usize, bool), place: &Place<'a>) -> Result<MadeImage, Invalid> {
        if let Some(known) = self.known.images.get(&key) {
            return Ok(*known);
        }
        let uri = place.field("uri");
        let owned;
        let file = match uri.text()? {
            Some(text) => {
                owned = resource(&uri, text, self.read)?;
                self.budget.add_read(owned.len());
                owned.as_slice()
            }
            None => {
                self.buffers
                    .view(&self.root, &place.field("bufferView"))?
                    .bytes
            }
        };
        let made = match ImageHead::read(file) {
            Some(head) => {
                self.budget.take(file.len(), place.path())?;
                Some(self.add_image(place, head, file.to_vec(), key.1)?)
            }
            None => None,
        };
        self.known.images.insert(key, made);
        Ok(made)
    }

    fn add_image(
        &mut self,
        place: &Place<'a>,
        head: ImageHead,
        file: Vec<u8>,
        is_color: bool,
    ) -> Result<(uuid::Uuid, bool), Invalid> {
        let buffer = self.store(file);
        let image = Image {
            width: head.width,
            height: head.height,
            color_space: match is_color {
                true => ColorSpace::Srgb,
                false => ColorSpace::Data,
            },
            alpha: match (head.has_alpha, is_color) {
                (false, _) => AlphaUse::None,
                (true, true) => AlphaUse::Straight,
                // Values beside an unused channel must not be multiplied by it.
                (true, false) => AlphaUse::Packed,
            },
            format: head.format,
            buffers: [("file".to_owned(), buffer)].into(),
        };
        let other = match head.format {
            ImageFormat::Jpeg => "Image.jpg",
            _ => "Image",
        };
        let components = Components {
            name: Some(name(place, other)?),
            image: Some(Box::new(image)),
            ..Components::default()
        };
        let uuid = self.add(EntityKind::Image, components, place)?;
        Ok((uuid, head.has_alpha))
    }
}

fn sampling<'a>(root: &Place<'a>, texture: &Place<'a>) -> Result<([Wrap; 2], Filter), Invalid> {
    let Some((_, sampler)) = texture.field("sampler").named(root, "samplers")? else {
        return Ok(([Wrap::Repeat; 2], Filter::Linear));
    };
    let wrap = |name: &str| {
        let place = sampler.field(name);
        match place.count()? {
            None | Some(10497) => Ok(Wrap::Repeat),
            Some(33071) => Ok(Wrap::Clamp),
            Some(33648) => Ok(Wrap::Mirror),
            Some(_) => Err(place.error("a wrapping mode of glTF is expected")),
        }
    };
    let filter = match sampler.field("magFilter").count()? {
        Some(NEAREST) => Filter::Nearest,
        _ => Filter::Linear,
    };
    Ok(([wrap("wrapS")?, wrap("wrapT")?], filter))
}

/// Returns offset, rotation and tile with V up, of a transform with V down.
fn moved(transform: &Place<'_>) -> Result<([f64; 2], f64, [f64; 2]), Invalid> {
    if !transform.is_present() {
        return Ok(([0.0; 2], 0.0, [1.0; 2]));
    }
    let [x, y] = transform.field("offset").numbers()?.unwrap_or([0.0; 2]);
    let [u, v] = transform.field("scale").numbers()?.unwrap_or([1.0; 2]);
    let rotation = transform.field("rotation").number()?.unwrap_or(0.0);
    let (sine, cosine) = rotation.sin_cos();
    Ok(([x + v * sine, 1.0 - y - v * cosine], rotation, [u, v]))
}
