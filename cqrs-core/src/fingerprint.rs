//! Fingerprints of shapes.

/// FNV-1a (Fowler, Noll, Vo): stable between builds and platforms, which the standard library's
/// hasher does not promise.
pub(crate) fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
