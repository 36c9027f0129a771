//! Fingerprints of shapes.

/// FNV-1a (Fowler, Noll, Vo): stable between builds and platforms, which the standard library's
/// hasher does not promise.
pub(crate) fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash, byte.into()))
}

/// The next fingerprint: that of what went before, and of this.
pub(crate) fn mix(fingerprint: u64, next: u64) -> u64 {
    (fingerprint ^ next).wrapping_mul(0x0000_0100_0000_01b3)
}
