//! One answer to a list request, cut into its resources.
pub(crate) fn looks_like_html(body: &[u8]) -> bool {
    let start = body[..body.len().min(512)].to_ascii_lowercase();
    let start = start.trim_ascii_start();
    [
        &b"<!doctype html"[..],
        b"<html",
        b"<head",
        b"<body",
        b"<!--",
        b"<?xml",
        b"<script",
        b"<title",
        b"<h1",
    ]
    .iter()
    .any(|tag| start.starts_with(tag))
}
