//! Which texts can name objects.

/// Whether a text is a DNS label (RFC 1123), as namespaces and containers need.
pub(crate) fn is_dns_label(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends_are_right = [text.bytes().next(), text.bytes().next_back()]
        .iter()
        .all(|end| end.is_some_and(is_alphanumeric));
    ends_are_right
        && text.len() <= 63
        && text
            .bytes()
            .all(|byte| is_alphanumeric(byte) || byte == b'-')
}

/// Whether a text is a DNS subdomain (RFC 1123), as names of objects need.
pub(crate) fn is_dns_subdomain(text: &str) -> bool {
    // Unlike a label by itself, a part of a subdomain has no bound of its own.
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= 253
        && text.split('.').all(|part| {
            let ends = [part.bytes().next(), part.bytes().next_back()];
            ends.iter().all(|end| end.is_some_and(is_alphanumeric))
                && part
                    .bytes()
                    .all(|byte| is_alphanumeric(byte) || byte == b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_subdomains_are_told_apart() {
        assert!(is_dns_label("web-1") && is_dns_subdomain("web-1"));
        assert!(!is_dns_label("web.1") && is_dns_subdomain("web.1"));
        for text in ["", "-a", "a-", "A", "a_b", "a b", "ä"] {
            assert!(!is_dns_label(text) && !is_dns_subdomain(text), "{text}");
        }
        assert!(!is_dns_subdomain("a..b"));
        assert!(is_dns_label(&"a".repeat(63)) && !is_dns_label(&"a".repeat(64)));
    }
}
