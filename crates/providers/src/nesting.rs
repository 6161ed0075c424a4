//! What a program tells a command that it runs, for that may run the same program again, or another one
//! that is made of this crate: the variables have the same names in all of them.

use std::time::Duration;

use shared_config::Environment;
use wire::percent_encode;

/// What runs already, so that a command that calls itself ends: a list, separated by commas.
const RUNNING: &str = "KEYFOB_PROFILE_CHAIN";

/// The same of the AWS CLI, with names as they are.
const RUNNING_OF_AWS_CLI: &str = "_AWS_CLI_PROFILE_CHAIN";

/// The process group that ends with the command.
pub(crate) const GROUP: &str = "KEYFOB_PROCESS_GROUP";

/// How long the command is waited for, in milliseconds.
const TIME: &str = "KEYFOB_TIME_LEFT";

/// Where in a chain of commands this process is, each of which was run by the one before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nesting {
    running: String,
    running_of_aws_cli: String,
    group: Option<i32>,
    time_left: Option<Duration>,
}

impl Nesting {
    pub(crate) fn of(environment: &Environment) -> Self {
        let text = |name| environment.get(name).unwrap_or_default().to_owned();
        Self {
            running: text(RUNNING),
            running_of_aws_cli: text(RUNNING_OF_AWS_CLI),
            group: environment.get(GROUP).and_then(|group| group.parse().ok()),
            time_left: time_left(environment),
        }
    }

    /// Returns the place of a command of `profile`; `None` where one of its commands runs already.
    pub(crate) fn within_profile(&self, profile: &str) -> Option<Self> {
        // The commas of a name cannot be told from those between names.
        let of_aws_cli = self.running_of_aws_cli.replace(", ", ",");
        let runs = format!(",{of_aws_cli},").contains(&format!(",{profile},"));
        if runs { None } else { self.within(&percent_encode(profile)) }
    }

    /// Returns the place of a command that prints a code of `device`; `None` where one runs already.
    pub(crate) fn within_device(&self, device: &str) -> Option<Self> {
        self.within(&format!("mfa={}", percent_encode(device)))
    }

    fn within(&self, entry: &str) -> Option<Self> {
        let mut running: Vec<_> = self.running.split(',').map(str::trim).collect();
        if running.contains(&entry) {
            return None;
        }
        running.retain(|entry| !entry.is_empty());
        running.push(entry);
        Some(Self { running: running.join(","), ..self.clone() })
    }

    /// The process group that somebody else ends together with the command that runs us.
    #[cfg_attr(all(windows, not(test)), expect(dead_code, reason = "there are no process groups"))]
    pub(crate) fn group(&self) -> Option<i32> {
        self.group
    }

    /// How long a command may take that could otherwise take as long as `limit`.
    pub(crate) fn bound(&self, limit: Duration) -> Duration {
        self.time_left.map_or(limit, |left| limit.min(left))
    }

    /// The variables for a command that is waited for as long as `limit`.
    pub(crate) fn variables(&self, limit: Duration) -> [(&'static str, String); 2] {
        [(RUNNING, self.running.clone()), (TIME, limit.as_millis().to_string())]
    }
}

/// Returns how long the work of this process may take, where it was run by such a program as the command of
/// a profile: nine tenths of what that waits, so that the failure of the innermost command is told,
/// not that of all of them at once.
pub fn time_left(environment: &Environment) -> Option<Duration> {
    let waited = Duration::from_millis(environment.get(TIME)?.parse().ok()?);
    Some(waited / 10 * 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nesting<const N: usize>(variables: [(&str, &str); N]) -> Nesting {
        Nesting::of(&Environment::from_pairs(variables))
    }

    #[test]
    fn a_name_with_a_comma_is_one_name() {
        let inside = nesting([]).within_profile("a,b").unwrap();
        assert!(inside.within_profile("a,b").is_none());
        for other in ["a", "b", "a%2Cb", "b,a"] {
            assert!(inside.within_profile(other).is_some(), "{other}");
        }
        let [(_, running), _] = inside.variables(Duration::ZERO);
        assert!(nesting([(RUNNING, &running)]).within_profile("a,b").is_none());
        assert!(nesting([(RUNNING, "o, p")]).within_profile("p").is_none());
        let [(_, running), _] =
            nesting([(RUNNING, "o, ")]).within_profile("p").unwrap().variables(Duration::ZERO);
        assert_eq!(running, "o,p");
    }

    #[test]
    fn the_list_of_the_aws_cli_counts() {
        let inside = nesting([(RUNNING_OF_AWS_CLI, "x,a,b, o")]);
        assert!(
            ["x", "a,b", "b", "o"].map(|name| inside.within_profile(name).is_none()) == [true; 4]
        );
        assert!(inside.within_profile("a,o").is_some());
    }

    #[test]
    fn who_ends_the_command_is_told_by_the_number_of_a_group() {
        let group = |text| nesting([(GROUP, text)]).group();
        assert_eq!(["4711", "", "x"].map(group), [Some(4711), None, None]);
    }

    #[test]
    fn a_device_is_no_profile() {
        let inside = nesting([]).within_device("arn:aws:iam::1:mfa/x").unwrap();
        assert!(inside.within_device("arn:aws:iam::1:mfa/x").is_none());
        assert!(inside.within_profile("arn:aws:iam::1:mfa/x").is_some());
        assert!(inside.within_profile("mfa=arn:aws:iam::1:mfa/x").is_some());
    }

    #[test]
    fn each_command_has_less_time_than_the_one_that_runs_it() {
        assert_eq!(nesting([]).bound(Duration::from_secs(60)), Duration::from_secs(60));
        let [_, (name, value)] = nesting([]).variables(Duration::from_secs(40));
        let inside = nesting([(name, &value)]);
        assert_eq!(inside.bound(Duration::from_secs(60)), Duration::from_secs(36));
        assert_eq!(inside.bound(Duration::from_secs(1)), Duration::from_secs(1));
        assert_eq!(nesting([(name, "x")]).bound(Duration::from_secs(1)), Duration::from_secs(1));
    }
}
