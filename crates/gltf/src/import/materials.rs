//! Materials: factors become values, textures become maps.

use uuid::Uuid;
use vibesync_scene::{
    AlphaMode, Channel, Components, Emission, EntityKind, Invalid, Maps, Pbr, TextureMap,
};

use super::extension;
use super::place::Place;
use super::work::{Work, name};

/// The texture coordinates and the image of a texture, before its channels.
pub(super) struct Texture {
    pub map: TextureMap,
    /// Whether the image has opacity.
    pub has_alpha: bool,
}

impl Texture {
    fn channel(&self, channel: Channel, scale: f64) -> TextureMap {
        TextureMap {
            channel,
            scale,
            ..self.map.clone()
        }
    }
}

impl<'a> Work<'a, '_> {
    /// Returns the material of an index, which exists.
    pub fn material(&mut self, index: usize) -> Result<Uuid, Invalid> {
        if let Some(known) = self.known.materials.get(&index) {
            return Ok(*known);
        }
        let place = self.root.field("materials").item(index);
        let mut maps = Maps::default();
        let title = name(&place, "Material")?;
        let pbr = self.pbr(&place, &title, &mut maps)?;
        let factor = place.field("emissiveFactor").numbers()?;
        let strength = place
            .extension(extension::STRENGTH)
            .field("emissiveStrength");
        let emission = Emission {
            color: factor.unwrap_or_default(),
            strength: strength.number()?.unwrap_or(1.0),
        };
        let texture = self.texture(&place.field("emissiveTexture"), &title, true)?;
        maps.emission = texture.map(|it| it.channel(Channel::Rgb, 1.0));
        let components = Components {
            name: Some(title),
            pbr: Some(Box::new(pbr)),
            emission: Some(Box::new(emission)),
            maps: (maps.count() > 0).then(|| Box::new(maps)),
            ..Components::default()
        };
        let uuid = self.add(EntityKind::Material, components, &place)?;
        self.known.materials.insert(index, uuid);
        Ok(uuid)
    }

    fn pbr(&mut self, place: &Place<'a>, title: &str, maps: &mut Maps) -> Result<Pbr, Invalid> {
        let surface = place.field("pbrMetallicRoughness");
        let mode = place.field("alphaMode");
        let alpha_mode = match mode.text()? {
            None | Some("OPAQUE") => AlphaMode::Opaque,
            Some("MASK") => AlphaMode::Mask,
            Some("BLEND") => AlphaMode::Blend,
            Some(_) => return Err(mode.error("an alpha mode of glTF is expected")),
        };
        let factor = |name: &str| Ok(surface.field(name).number()?.unwrap_or(1.0));
        let base_color = surface.field("baseColorFactor").numbers()?;
        let base_color = base_color.unwrap_or([1.0; 4]);
        let (metallic, roughness) = (factor("metallicFactor")?, factor("roughnessFactor")?);
        if let Some(base) = self.texture(&surface.field("baseColorTexture"), title, true)? {
            let [.., alpha] = base_color;
            let is_seen = alpha_mode != AlphaMode::Opaque && base.has_alpha;
            maps.alpha = is_seen.then(|| base.channel(Channel::A, alpha));
            maps.base_color = Some(base.channel(Channel::Rgb, 1.0));
        }
        let texture = surface.field("metallicRoughnessTexture");
        if let Some(texture) = self.texture(&texture, title, false)? {
            // A factor of 0 needs no image.
            let map = |channel, factor| (factor != 0.0).then(|| texture.channel(channel, factor));
            maps.roughness = map(Channel::G, roughness);
            maps.metallic = map(Channel::B, metallic);
        }
        let normal = place.field("normalTexture");
        let normal_scale = normal.field("scale").number()?;
        let texture = self.texture(&normal, title, false)?;
        maps.normal = texture.map(|it| it.channel(Channel::Rgb, 1.0));
        let occlusion = place.field("occlusionTexture");
        let strength = occlusion.field("strength").number()?;
        let texture = self.texture(&occlusion, title, false)?;
        maps.occlusion = texture.map(|it| it.channel(Channel::R, 1.0));
        Ok(Pbr {
            base_color,
            metallic,
            roughness,
            alpha_mode,
            alpha_cutoff: place.field("alphaCutoff").number()?.unwrap_or(0.5),
            double_sided: place.field("doubleSided").is_true()?,
            normal_scale: normal_scale.unwrap_or(1.0),
            occlusion_strength: strength.unwrap_or(1.0),
        })
    }
}
