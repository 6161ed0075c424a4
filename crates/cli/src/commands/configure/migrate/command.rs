//! The command lines of other tools.

/// The value of an option, as `--name value`, `--name=value` or `-n value`.
pub(super) fn option(words: &[String], names: &[&str]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if names.contains(&word.as_str()) {
            return words.next().cloned();
        }
        let parted = word.split_once('=').filter(|(name, _)| names.contains(name));
        if let Some((_, value)) = parted {
            return Some(value.to_owned());
        }
    }
    None
}

/// The options of `aws-vault exec` and `export` that stand alone.
const ALONE: [&str; 10] = [
    "--debug",
    "--ec2-server",
    "--ecs-server",
    "--json",
    "--lazy",
    "--no-session",
    "--server",
    "-j",
    "-n",
    "-s",
];

/// The profile that `aws-vault exec` or `export` means.
pub(super) fn vault_profile(words: &[String]) -> Option<String> {
    let mut words = words.iter().skip_while(|word| *word != "exec" && *word != "export").skip(1);
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            return Some(word.clone());
        }
        if !ALONE.contains(&word.as_str()) && !word.contains('=') {
            words.next();
        }
    }
    None
}
