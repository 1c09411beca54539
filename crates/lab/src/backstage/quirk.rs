//! The ways in which portals in the field differ from a current one, each as a switch.

crate::switches::switches! {
    /// One habit of a portal that a client has to live with.
    pub enum PortalQuirk {
        /// There is no RBAC plugin: its paths answer 404.
        NoRbac = "no-rbac",
        /// There is no `/entities/by-query`, as before release 1.12.
        NoByQuery = "no-by-query",
        /// `totalItems` is larger than what can be read.
        TotalLies = "total-lies",
        /// From the second page on, the cursor to the next page leads to the same page again.
        CursorRepeats = "cursor-repeats",
        /// A page in the middle is empty though more follow.
        EmptyPage = "empty-page",
        /// Groups go on naming users who are gone in their `hasMember`.
        StaleMembers = "stale-members",
        /// No entity has `relations`.
        NoRelations = "no-relations",
        /// The OAuth server's description is not there.
        NoMetadata = "no-metadata",
        /// Clients cannot register.
        NoRegistration = "no-registration",
    }
}
