//! The window of a fake editor: pictures of its viewport, and its selection.

use vibesync_protocol::{
    ClientMessage, Code, EditorSelect, EditorView, ErrorBody, Picture, SelectResult, ViewResult,
};

use crate::fakes::editor::FakeEditor;

/// Most bytes of a block of deflate that is stored as it is.
const STORED: usize = 0xFFFF;

impl FakeEditor {
    /// Draws its viewport: a gray picture with the asked width, and half as high.
    pub(super) fn draw(&self, view: &EditorView) -> ClientMessage {
        let mut result = ViewResult {
            request_id: view.request_id,
            ..ViewResult::default()
        };
        match self.unable() {
            Some(error) => result.error = Some(error),
            None => {
                (result.width, result.height) = (view.size, view.size / 2);
                let png = gray_png(result.width, result.height);
                result.picture = Some(Picture(png.into()));
            }
        }
        ClientMessage::ViewResult(result)
    }

    /// Selects the objects that it has.
    pub(super) fn select(&mut self, select: EditorSelect) -> ClientMessage {
        let error = self.unable();
        if error.is_none() {
            let known = select.uuids.into_iter();
            self.selected = known.filter(|it| self.entities.contains_key(it)).collect();
        }
        ClientMessage::SelectResult(SelectResult {
            request_id: select.request_id,
            selected: self.selected.clone(),
            error,
        })
    }

    fn unable(&self) -> Option<ErrorBody> {
        let message = self.window_error.clone()?;
        Some(ErrorBody {
            code: Code::EditorUnable,
            message,
            location: String::new(),
            help: String::new(),
        })
    }
}

/// Returns the bytes that go with a message as its attachments.
pub(super) fn picture_of(message: &ClientMessage) -> Vec<&[u8]> {
    match message {
        ClientMessage::ViewResult(result) => {
            let picture = result.picture.as_ref();
            picture
                .map(|picture| picture.0.as_ref())
                .into_iter()
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Returns a PNG of one gray, with 8 bits of RGB.
pub fn gray_png(width: u32, height: u32) -> Vec<u8> {
    let mut row = vec![0x80; 3 * width as usize];
    row.insert(0, 0);
    let rows = row.repeat(height as usize);
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    put_chunk(&mut png, b"IHDR", &header);
    put_chunk(&mut png, b"IDAT", &stored(&rows));
    put_chunk(&mut png, b"IEND", &[]);
    png
}

fn put_chunk(png: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    let named = [name.as_slice(), content].concat();
    png.extend((content.len() as u32).to_be_bytes());
    png.extend(&named);
    png.extend(crc32(&named).to_be_bytes());
}

/// Returns bytes as a stream of zlib without compression.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(STORED).peekable();
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

fn crc32(bytes: &[u8]) -> u32 {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    });
    !crc
}
