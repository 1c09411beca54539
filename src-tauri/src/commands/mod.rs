//! The commands, by area. Each is a line or two over [`crate::shell::Shell`] or the engine; what can fail rejects with a `Fault`.
//!
//! A command is written down in three places: here, in `names.rs` (which gives it a permission), and in `capabilities/` (which grants it).

pub mod access;
pub mod app;
pub mod audit;
pub mod deprovision;
pub mod dialogs;
pub mod evidence;
pub mod filters;
pub mod findings;
pub mod groups;
pub mod history;
pub mod joins;
#[cfg(test)]
pub mod names;
pub mod people;
pub mod settings;
pub mod sources;
pub mod sync;
pub mod tokens;

use lanyard_engine::view::Fault;
use tauri::ipc::Invoke;

/// What a command gives back.
pub type Answer<T> = Result<T, Fault>;

/// Hands a call of the web view to its command.
pub fn handler() -> impl Fn(Invoke) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        app::app_state,
        app::subscribe,
        app::open_demo,
        app::open_data_dir,
        dialogs::pick_folder,
        dialogs::pick_file,
        dialogs::pick_secret_file,
        dialogs::pick_save,
        sources::sources,
        sources::probe_source,
        sources::add_source,
        sources::update_source,
        sources::set_source_enabled,
        sources::removal_preview,
        sources::remove_source,
        sources::begin_sign_in,
        sources::finish_sign_in,
        sources::cancel_sign_in,
        sync::start_sync,
        sync::cancel_sync,
        people::people,
        people::people_facets,
        people::person,
        people::timeline,
        people::raw_document,
        people::goto,
        people::overview,
        people::export_people,
        groups::groups,
        groups::group_facets,
        groups::group,
        groups::members,
        groups::export_groups,
        findings::findings,
        findings::finding,
        findings::finding_rules,
        findings::finding_sums,
        findings::suppress_finding,
        findings::lift_suppression,
        findings::set_rule,
        findings::evaluate_findings,
        findings::export_findings,
        history::sync_moments,
        history::compare,
        history::compare_access,
        history::as_of,
        history::history_info,
        history::history_over_age,
        history::set_history_retention,
        history::prune_history,
        joins::joins,
        joins::decide_join,
        filters::check_filter,
        filters::saved_filters,
        filters::save_filter,
        filters::forget_filter,
        access::access_of,
        access::who_can,
        access::why_access,
        access::without_edge,
        access::access_flow,
        access::access_matrix,
        access::access_cell,
        access::access_table,
        access::who_can_restore,
        access::restore_groups,
        access::set_restore_groups,
        access::export_map,
        access::save_export,
        deprovision::plans,
        deprovision::plan_file,
        deprovision::check_plan,
        deprovision::save_plan,
        deprovision::leaver,
        deprovision::runs,
        deprovision::run,
        deprovision::run_records,
        deprovision::revoke_trends,
        deprovision::plan_run,
        deprovision::agree_run,
        deprovision::stop_run,
        deprovision::resume_run,
        deprovision::restore_run,
        deprovision::waive_check,
        deprovision::confirm_step,
        deprovision::hand_over,
        deprovision::close_run,
        deprovision::fail_run,
        deprovision::abandon_run,
        audit::audit,
        audit::verify_audit,
        audit::export_audit,
        evidence::pick_evidence,
        evidence::verify_evidence,
        evidence::export_evidence,
        settings::setting,
        settings::set_setting,
        tokens::credentials_list,
        tokens::credential_verify,
        tokens::credential_replace,
        tokens::credential_describe,
        tokens::manager_keep,
        tokens::manager_forget,
        tokens::rotation_options,
        tokens::rotation_plan,
        tokens::rotation_begin,
        tokens::rotations_list,
        tokens::rotation_show,
        tokens::rotation_paste,
        tokens::rotation_confirm,
        tokens::rotation_decide,
        tokens::rotation_ask_now,
        tokens::rotation_stop,
        tokens::rotation_resume,
        tokens::rotation_put_back,
    ]
}

#[cfg(test)]
mod tests {
    //! Every command is granted by exactly one capability, and no capability grants anything else.

    use std::collections::BTreeMap;
    use std::path::Path;

    #[test]
    fn capabilities_grant_each_command_once() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let config: serde_json::Value = serde_json::from_str(include_str!("../../tauri.conf.json")).expect("JSON");
        let given = config["app"]["security"]["capabilities"].as_array().expect("a list");
        let mut granted = BTreeMap::<String, u32>::new();
        for entry in root.join("capabilities").read_dir().expect("the folder is there") {
            let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file");
            let capability: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            // A capability that the window is not given is refused at each call, though it stands in its file.
            let name = &capability["identifier"];
            assert!(given.contains(name), "the window is not given {name}");
            for permission in capability["permissions"].as_array().expect("a list") {
                *granted.entry(permission.as_str().expect("a name").to_owned()).or_default() += 1;
            }
        }
        let wanted: BTreeMap<String, u32> = super::names::ALL
            .iter()
            .map(|name| (format!("allow-{}", name.replace('_', "-")), 1))
            .collect();
        assert_eq!(granted, wanted);
    }

    #[test]
    fn every_name_has_its_handler() {
        let source = include_str!("mod.rs");
        for name in super::names::ALL {
            assert!(
                source.contains(&format!("::{name},")),
                "{name} is named, and no handler stands for it"
            );
        }
    }
}
