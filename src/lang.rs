//! The languages that people read: all texts for them are in `lang/*.ftl`, in the Fluent format
//!
//! The language is that of the process and chosen once, at its start; it is English until then. `tell!` says a message
//! in it.

mod choice;
mod foreign;
#[cfg(test)]
mod tests;

use std::sync::{LazyLock, OnceLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};

pub use choice::{Language, UnknownLanguage, of_start};
pub(crate) use foreign::Told;

/// Sets the language of this process, unless it has been set before
pub fn choose(language: Language) {
    // Whoever embeds the library may have chosen already.
    let _ = CHOSEN.set(language);
}

/// The language of this process
pub fn chosen() -> Language {
    CHOSEN.get().copied().unwrap_or_default()
}

static CHOSEN: OnceLock<Language> = OnceLock::new();

/// Says a message in the chosen language: `tell!("id", name = value, other = %value)`
///
/// What is a text or a number is given as it is, so that a message can tell one from several; before anything else that
/// can be displayed stands a `%`.
macro_rules! tell {
    (@ $id:literal [$($done:tt)*]) => {
        $crate::lang::message($crate::lang::chosen(), $id, vec![$($done)*])
    };
    (@ $id:literal [$($done:tt)*] $name:ident = %$value:expr $(, $($rest:tt)*)?) => {
        $crate::lang::tell!(@ $id [$($done)* (stringify!($name), ($value).to_string().into()),] $($($rest)*)?)
    };
    (@ $id:literal [$($done:tt)*] $name:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::lang::tell!(@ $id [$($done)* (stringify!($name), ($value).into()),] $($($rest)*)?)
    };
    ($id:literal $(, $($arguments:tt)*)?) => {
        $crate::lang::tell!(@ $id [] $($($arguments)*)?)
    };
}
pub(crate) use tell;

/// A message with its arguments; one that the language lacks comes in English
pub(crate) fn message(language: Language, id: &str, arguments: Vec<(&str, FluentValue<'_>)>) -> String {
    let arguments: FluentArgs<'_> = arguments.into_iter().collect();
    let told = [language, Language::English].iter().find_map(|language| told(*language, id, &arguments));
    told.unwrap_or_else(|| id.to_owned())
}

fn told(language: Language, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
    let bundle = match language {
        Language::English => &*ENGLISH,
        Language::Chinese => &*CHINESE,
    };
    let pattern = bundle.get_message(id)?.value()?;
    // What is missing shows as its name; the tests find it.
    Some(bundle.format_pattern(pattern, Some(arguments), &mut Vec::new()).into_owned())
}

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static CHINESE: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Chinese));

fn bundle(language: Language) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or_default()]);
    // Marks around each argument would travel with what people copy, and terminals show some of them.
    bundle.set_use_isolating(false);
    let messages = FluentResource::try_new(language.source().to_owned()).unwrap_or_else(|(rest, _)| rest);
    bundle.add_resource_overriding(messages);
    bundle
}
