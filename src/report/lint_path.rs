//! Names of files as other programs want them: relative with slashes, and as addresses.

use std::fmt::Write as _;

/// The path without `./` at its beginning, with slashes.
pub(crate) fn relative(path: &str) -> String {
    let mut path = if cfg!(windows) {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/').to_owned();
    }
    path
}

/// As an address after RFC 3986: relative, or `file://` for a path from the root.
pub(crate) fn uri(path: &str) -> String {
    let path = relative(path);
    let mut uri = String::with_capacity(path.len() + 8);
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    let has_drive = path.as_bytes().get(1) == Some(&b':') && cfg!(windows);
    if has_drive {
        uri.push_str("file:///");
    }
    for byte in path.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if is_plain || (has_drive && byte == b':') {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_folder_they_were_given_from() {
        assert_eq!(relative("./k8s/./a.yaml"), "k8s/./a.yaml");
        assert_eq!(relative(".//a.yaml"), "a.yaml");
        assert_eq!(relative("../a.yaml"), "../a.yaml");
    }

    #[test]
    fn what_an_address_cannot_hold_is_encoded() {
        assert_eq!(uri("k8s/a b#1.yaml"), "k8s/a%20b%231.yaml");
        assert_eq!(uri("a:b/ä.yaml"), "a%3Ab/%C3%A4.yaml");
        assert_eq!(uri("/srv/a.yaml"), "file:///srv/a.yaml");
        assert_eq!(uri("<stdin>"), "%3Cstdin%3E");
    }
}
