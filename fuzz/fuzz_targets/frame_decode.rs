//! Decodes arbitrary bytes as a stream of frames: no panic, no more memory than the limits allow. A decoded frame must be
//! encoded to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vibesync_protocol::{FrameDecoder, Limits, encode, parse_client, parse_daemon};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { frame_bytes: 65_536, header_bytes: 65_536, attachments: 16 };
    let decoder = FrameDecoder::new(limits);
    let mut rest = bytes;
    while let Ok(Some(length)) = decoder.frame_len(rest) {
        assert!(length <= 4 + 65_536);
        let Some((frame, next)) = rest.split_at_checked(length) else { break };
        rest = next;
        let decoded = decoder.decode(frame.to_vec().into()).unwrap();
        let attachments = decoded.attachments();
        if let Ok(attachments) = &attachments {
            assert_eq!(encode(&decoded.header, attachments).unwrap(), frame);
        }
        // A message can be parsed only from a valid frame.
        assert!(attachments.is_ok() || parse_client(&decoded).is_err());
        assert!(attachments.is_ok() || parse_daemon(&decoded).is_err());
    }
});
