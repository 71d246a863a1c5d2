//! The bytes of the buffers of a component, to be read by element.

use std::collections::BTreeMap;

use vibesync_scene::{BlobId, Buffer, Invalid, MeshPieces};

/// Reads bulk data.
pub type Read<'a> = dyn FnMut(BlobId) -> Result<Vec<u8>, Invalid> + 'a;

/// The bytes by buffer. A buffer that is missing has no elements.
pub(super) struct Bulk<'a>(BTreeMap<&'a str, Vec<u8>>);

impl<'a> Bulk<'a> {
    /// Reads all buffers. Fails if the bytes of one cannot be read.
    pub fn read(
        buffers: &'a BTreeMap<String, Buffer>,
        read: &mut Read<'_>,
    ) -> Result<Self, Invalid> {
        let mut bytes = BTreeMap::new();
        for (buffer, it) in buffers {
            let content = it.blob.map(&mut *read).transpose()?;
            bytes.insert(buffer.as_str(), content.unwrap_or_default());
        }
        Ok(Self(bytes))
    }

    /// Returns the bytes in the form that checks take.
    pub fn pieces(&self) -> MeshPieces<'_> {
        let buffers = self.0.iter();
        buffers
            .map(|(name, it)| (*name, vec![it.as_slice()]))
            .collect()
    }

    /// All buffers with their bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &[u8])> {
        self.0.iter().map(|(name, it)| (*name, it.as_slice()))
    }

    /// Returns whether there is a buffer of this name.
    pub fn has(&self, buffer: &str) -> bool {
        self.0.contains_key(buffer)
    }

    /// Returns the words of an element; zeros if there is none.
    pub fn words<const N: usize>(&self, buffer: &str, element: usize) -> [[u8; 4]; N] {
        let bytes = self.0.get(buffer).map_or(&[][..], Vec::as_slice);
        let start = element.saturating_mul(N);
        let words = bytes.as_chunks::<4>().0.get(start..);
        let words = words.and_then(|it| it.first_chunk::<N>().copied());
        words.unwrap_or([[0; 4]; N])
    }

    /// Returns an element of float32; zeros if there is none.
    pub fn vector<const N: usize>(&self, buffer: &str, element: usize) -> [f32; N] {
        self.words(buffer, element).map(f32::from_le_bytes)
    }

    /// Returns an element of uint32; zero if there is none.
    pub fn number(&self, buffer: &str, element: usize) -> u32 {
        let [word] = self.words(buffer, element);
        u32::from_le_bytes(word)
    }
}
