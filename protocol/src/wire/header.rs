use crate::RoomTag;

/// The first 16 bytes of every datagram (PROTOCOL.md §4)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What kind of frame follows
    pub kind: u8,
    /// Whether what follows is sealed with the key of a private room, or was before it was opened
    pub is_sealed: bool,
    /// Which room it is for
    pub room: RoomTag,
}

impl Header {
    /// Its length in bytes
    pub const LEN: usize = 16;
    const MAGIC: [u8; 4] = *b"LNCT";
    const VERSION: u8 = 1;
    const SEALED: u8 = 0x01;

    /// The header's bytes
    pub fn encode(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..4].copy_from_slice(&Self::MAGIC);
        bytes[4] = Self::VERSION;
        bytes[5] = self.kind;
        bytes[6] = if self.is_sealed { Self::SEALED } else { 0 };
        bytes[8..].copy_from_slice(self.room.as_bytes());
        bytes
    }

    /// Splits a datagram into its header and the rest
    ///
    /// # Errors
    /// If it does not begin with a header of this version, or has a flag that this version does not know
    pub fn decode(datagram: &[u8]) -> Result<(Self, &[u8]), HeaderError> {
        let Some((bytes, rest)) = datagram.split_first_chunk::<{ Self::LEN }>() else {
            return Err(HeaderError::Foreign);
        };
        let [m0, m1, m2, m3, version, kind, flags, reserved, room @ ..] = *bytes;
        if [m0, m1, m2, m3] != Self::MAGIC {
            return Err(HeaderError::Foreign);
        }
        if version != Self::VERSION || flags & !Self::SEALED != 0 || reserved != 0 {
            return Err(HeaderError::Version);
        }
        Ok((Self { kind, is_sealed: flags != 0, room: RoomTag::from_bytes(room) }, rest))
    }
}

/// Why a datagram has no header that can be read
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderError {
    /// Another program's datagram, or noise
    Foreign,
    /// A version, a flag or a reserved byte from a later protocol
    Version,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_version_is_read() {
        let header = Header { kind: 3, is_sealed: false, room: RoomTag::from_bytes([9; 8]) };
        let bytes = header.encode();
        assert_eq!(Header::decode(&bytes), Ok((header, [].as_slice())));
        let sealed = Header { is_sealed: true, ..header };
        assert_eq!(Header::decode(&sealed.encode()), Ok((sealed, [].as_slice())));
        assert_eq!(Header::decode(&bytes[..15]), Err(HeaderError::Foreign));
        for (index, error) in [
            (0, HeaderError::Foreign),
            (4, HeaderError::Version),
            (6, HeaderError::Version),
            (7, HeaderError::Version),
        ] {
            let mut bytes = bytes;
            bytes[index] ^= 0x80;
            assert_eq!(Header::decode(&bytes), Err(error));
        }
    }
}
