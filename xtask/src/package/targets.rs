//! The systems that users download a binary for.

use crate::Result;

/// A row for each binary that is released. All packages, archives and manifests follow it.
pub(crate) const TARGETS: [Target; 3] = [
    Target {
        triple: "x86_64-unknown-linux-musl",
        linux: Some(Linux { debian: "amd64", rpm: "x86_64" }),
    },
    Target {
        triple: "aarch64-unknown-linux-musl",
        linux: Some(Linux { debian: "arm64", rpm: "aarch64" }),
    },
    Target { triple: "x86_64-pc-windows-gnu", linux: None },
];

pub(crate) struct Target {
    pub(crate) triple: &'static str,
    pub(crate) linux: Option<Linux>,
}

/// What the machine is called by those who package for Linux.
pub(crate) struct Linux {
    pub(crate) debian: &'static str,
    pub(crate) rpm: &'static str,
}

impl Target {
    pub(crate) fn find(triple: &str) -> Result<&'static Self> {
        let known = || TARGETS.map(|target| target.triple).join(", ");
        TARGETS.iter().find(|target| target.triple == triple).ok_or_else(|| {
            format!("no binary is released for {triple}; for these: {}", known()).into()
        })
    }

    pub(crate) fn binary(&self) -> &'static str {
        if self.linux.is_some() { "keyfob" } else { "keyfob.exe" }
    }

    pub(crate) fn suffix(&self) -> &'static str {
        if self.linux.is_some() { "tar.gz" } else { "zip" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_that_is_not_released_is_answered_with_those_that_are() {
        let error = Target::find("riscv64").err().unwrap().to_string();
        assert!(
            error.contains("riscv64") && error.contains("aarch64-unknown-linux-musl"),
            "{error}"
        );
    }
}
