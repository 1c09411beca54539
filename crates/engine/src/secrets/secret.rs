//! A secret value, and the compile-time promise that it is never printed or serialised.

use zeroize::Zeroizing;

/// A secret value: wiped when dropped, never printed, never serialised, never copied by accident.
///
/// ```compile_fail
/// let secret = lanyard_engine::secrets::Secret::new("token".into());
/// println!("{secret:?}");
/// ```
/// ```compile_fail
/// let secret = lanyard_engine::secrets::Secret::new("token".into());
/// println!("{secret}");
/// ```
/// ```compile_fail
/// let secret = lanyard_engine::secrets::Secret::new("token".into());
/// serde_json::to_string(&secret);
/// ```
/// ```compile_fail
/// let secret = lanyard_engine::secrets::Secret::new("token".into());
/// let _copy = secret.clone();
/// ```
/// ```
/// let secret = lanyard_engine::secrets::Secret::new("token".into());
/// assert_eq!(secret.expose(), "token");
/// ```
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a value in.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value, for the moment of use only.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A second copy, where two owners are needed. Spelled out so that it is seen in review.
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Fails to compile when one of these types can be printed or serialised: two candidates would then fit `some`.
macro_rules! never_shown {
    ($($secret:ty),+) => {
        const _: () = {
            trait NotShown<Way> {
                fn some() {}
            }
            impl<T: ?Sized> NotShown<()> for T {}
            struct ByDebug;
            impl<T: ?Sized + std::fmt::Debug> NotShown<ByDebug> for T {}
            struct ByDisplay;
            impl<T: ?Sized + std::fmt::Display> NotShown<ByDisplay> for T {}
            struct BySerialize;
            impl<T: ?Sized + serde::Serialize> NotShown<BySerialize> for T {}
            $(let _ = <$secret as NotShown<_>>::some;)+
        };
    };
}
pub(crate) use never_shown;

never_shown!(Secret);
