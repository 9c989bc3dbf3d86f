//! Names for findings that stay the same when lines move: rule, file, object and message (without its figures, and of a replay
//! without all of it), and a number among equals.

use std::collections::HashMap;

use super::lint_path::relative;
use crate::lint::Finding;

/// One name for each finding, in their order; no two are equal.
pub(crate) fn fingerprints<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    let mut seen: HashMap<u128, u32> = HashMap::new();
    findings
        .map(|finding| {
            let file = relative(&finding.place.source);
            let parts = [
                finding.rule.code,
                &file,
                &finding.object,
                &finding.identity(),
            ];
            let hash = hash_of(&parts);
            let number = seen.entry(hash).or_default();
            *number += 1;
            if *number == 1 {
                format!("{hash:032x}")
            } else {
                format!("{hash:032x}-{number}")
            }
        })
        .collect()
}

/// FNV-1a in 128 bits over texts, each ended by a byte that no text has.
fn hash_of(parts: &[&str]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // Of "a", after the reference tables of the hash's authors, continued by the byte 0xff.
        let a = 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964_u128;
        let expected = (a ^ 0xff).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        assert_eq!(hash_of(&["a"]), expected);
        assert_ne!(hash_of(&["a", "b"]), hash_of(&["ab", ""]));
    }
}
