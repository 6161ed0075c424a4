use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::error::{BoxError, Failure};

/// Whose certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roots {
    /// Those of a file of PEM certificates, and no others: `AWS_CA_BUNDLE`, `ca_bundle`.
    Bundle(PathBuf),
    /// Those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, see [`Roots::from_variables`].
    #[non_exhaustive]
    Named {
        /// A file of PEM certificates.
        file: Option<PathBuf>,
        /// Directories of such files.
        directories: Vec<PathBuf>,
    },
    /// Those of the operating system.
    #[default]
    Platform,
}

impl Roots {
    /// Takes the roots that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, the variables of OpenSSL, or
    /// those of the operating system where neither is set. Windows and macOS do not know them.
    pub fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        if cfg!(any(windows, target_vendor = "apple")) {
            return Self::Platform;
        }
        let value = |name| variable(name).filter(|value| !value.is_empty());
        let file = value("SSL_CERT_FILE").map(PathBuf::from);
        let directories: Vec<_> = value("SSL_CERT_DIR")
            .iter()
            .flat_map(|list| std::env::split_paths(list))
            .filter(|directory| !directory.as_os_str().is_empty())
            .collect();
        match (&file, &*directories) {
            (None, []) => Self::Platform,
            _ => Self::Named { file, directories },
        }
    }

    /// Checks that the bundle can be read, before anything is sent: its first certificate, for all of
    /// them take as long as a call. The rest is read where a connection needs it.
    ///
    /// # Errors
    /// Fails where it is not there or does not begin with a certificate.
    pub fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Bundle(path) => first_certificate(path),
            Self::Named { .. } | Self::Platform => Ok(()),
        }
    }

    /// Loads the roots and makes the configuration of TLS.
    pub(crate) fn client_config(&self) -> Result<ClientConfig, BoxError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(match self {
            Self::Bundle(path) => {
                builder.with_root_certificates(bundle(path)?).with_no_client_auth()
            }
            Self::Named { file, directories } => named(builder, file.as_deref(), directories)?,
            Self::Platform => platform(builder)?,
        })
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn bundle(path: &Path) -> Result<RootCertStore, Failure> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| unreadable(path, error))?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err(empty(path)) } else { Ok(roots) }
}

fn first_certificate(path: &Path) -> Result<(), Failure> {
    let first = CertificateDer::pem_file_iter(path).and_then(|mut all| all.next().transpose());
    match first.map_err(|error| unreadable(path, error))? {
        Some(certificate) => {
            let (added, _) = RootCertStore::empty().add_parsable_certificates([certificate]);
            if added == 0 { Err(empty(path)) } else { Ok(()) }
        }
        None => Err(empty(path)),
    }
}

fn unreadable(path: &Path, error: rustls_pki_types::pem::Error) -> Failure {
    let source = match error {
        rustls_pki_types::pem::Error::Io(source) => source,
        other => std::io::Error::other(other.to_string()),
    };
    Failure::Roots { path: path.to_owned(), source }
}

fn empty(path: &Path) -> Failure {
    let source = std::io::Error::other("it holds no certificate");
    Failure::Roots { path: path.to_owned(), source }
}

/// macOS and Windows verify by themselves, with the roots that the administrator has installed.
#[cfg(any(windows, target_vendor = "apple"))]
fn platform(builder: Builder) -> Result<ClientConfig, BoxError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}

#[cfg(any(windows, target_vendor = "apple"))]
fn named(builder: Builder, _: Option<&Path>, _: &[PathBuf]) -> Result<ClientConfig, BoxError> {
    platform(builder)
}

/// Elsewhere the roots are a file, and a directory of the same certificates, which is only read
/// where there is no file: reading both takes six times as long.
#[cfg(not(any(windows, target_vendor = "apple")))]
fn platform(builder: Builder) -> Result<ClientConfig, BoxError> {
    const BUNDLES: [&str; 6] = [
        "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",   // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",             // openSUSE
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL
        "/etc/ssl/cert.pem",                  // Alpine, the BSDs
        "/usr/local/share/certs/ca-root-nss.crt", // FreeBSD
    ];
    const DIRECTORIES: [&str; 5] = [
        "/etc/ssl/certs",
        "/etc/pki/tls/certs",
        "/etc/openssl/certs",           // NetBSD
        "/usr/local/share/certs",       // FreeBSD
        "/system/etc/security/cacerts", // Android
    ];
    let bundle = BUNDLES.iter().map(Path::new).find(|path| path.is_file());
    let directory = DIRECTORIES.iter().map(PathBuf::from).find(|path| path.is_dir());
    match bundle {
        Some(bundle) => named(builder, Some(bundle), &[]),
        None => named(builder, None, directory.as_slice()),
    }
}

#[cfg(not(any(windows, target_vendor = "apple")))]
fn named(
    builder: Builder,
    file: Option<&Path>,
    directories: &[PathBuf],
) -> Result<ClientConfig, BoxError> {
    let mut roots = RootCertStore::empty();
    let mut problem = None;
    let paths = file.map(|file| (Some(file), None)).into_iter();
    for (file, directory) in paths.chain(directories.iter().map(|path| (None, Some(&**path)))) {
        let loaded = rustls_native_certs::load_certs_from_paths(file, directory);
        roots.add_parsable_certificates(loaded.certs);
        problem = problem.or_else(|| loaded.errors.into_iter().next());
    }
    if roots.is_empty() {
        let source = problem.map_or_else(
            || std::io::Error::other("the system has no certificates"),
            std::io::Error::other,
        );
        let path = file.or_else(|| directories.first().map(PathBuf::as_path));
        let path = path.unwrap_or_else(|| Path::new("/etc/ssl/certs")).to_owned();
        return Err(Failure::Roots { path, source }.into());
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
