# What lanchat says, in English: the language that the others follow. CONTRIBUTING.md has what to keep in mind.

## The language itself

language-unknown = there is no language { $given } here: write en or zh-CN

## Settings

settings-lang = --lang cannot be used: { $error }
