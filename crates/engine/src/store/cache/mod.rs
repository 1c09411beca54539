//! The cache: what the sources said last, rebuildable at any time.
