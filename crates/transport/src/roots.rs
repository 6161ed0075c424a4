use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::Failure;
use crate::error::BoxError;

/// Whose certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Roots {
    /// Those of a file of PEM certificates, and no others: `AWS_CA_BUNDLE`, `ca_bundle`.
    Bundle(PathBuf),
    /// Those of the operating system.
    #[default]
    Platform,
}

impl Roots {
    /// Checks that the bundle can be read, before anything is sent.
    ///
    /// # Errors
    /// Fails where it is not there or holds no certificate.
    pub fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Bundle(path) => bundle(path).map(drop),
            Self::Platform => Ok(()),
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
            Self::Platform => platform(builder)?,
        })
    }
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn bundle(path: &Path) -> Result<RootCertStore, Failure> {
    let error = |source| Failure::Roots { path: path.to_owned(), source };
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| match source {
            rustls_pki_types::pem::Error::Io(source) => error(source),
            other => error(std::io::Error::other(other.to_string())),
        })?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(error(std::io::Error::other("it holds no certificate")));
    }
    Ok(roots)
}

/// macOS and Windows verify by themselves, with the roots that the administrator has installed.
#[cfg(any(windows, target_vendor = "apple"))]
fn platform(builder: Builder) -> Result<ClientConfig, BoxError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
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
    // What SSL_CERT_FILE and SSL_CERT_DIR name comes first; `load_native_certs` reads them.
    #[expect(clippy::disallowed_methods, reason = "the variables of OpenSSL, read with the roots")]
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find_map(std::env::var_os);
    let bundle = BUNDLES.iter().map(Path::new).find(|path| path.is_file());
    let loaded = match bundle {
        Some(path) if named.is_none() => {
            rustls_native_certs::load_certs_from_paths(Some(path), None)
        }
        _ => rustls_native_certs::load_native_certs(),
    };
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(loaded.certs);
    if added == 0 {
        let reason = loaded.errors.into_iter().next().map_or_else(
            || std::io::Error::other("the system has no certificates"),
            std::io::Error::other,
        );
        let path = bundle.unwrap_or_else(|| Path::new("/etc/ssl/certs"));
        let path = named.map_or_else(|| path.to_owned(), PathBuf::from);
        return Err(Failure::Roots { path, source: reason }.into());
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
