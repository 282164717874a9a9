//! The language that the person of this machine has chosen

/// As a tag such as `zh-Hans-CN`, where the system has one beside the variables of the environment
#[cfg(any(windows, target_vendor = "apple"))]
pub(crate) fn of_the_system() -> Option<String> {
    sys_locale::get_locale()
}

/// As a tag such as `zh-Hans-CN`, where the system has one beside the variables of the environment
#[cfg(not(any(windows, target_vendor = "apple")))]
pub(crate) fn of_the_system() -> Option<String> {
    None
}
