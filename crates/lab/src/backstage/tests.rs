//! The portal without its socket.
