//! Access lists: what modes are elsewhere.

use std::fs::File;
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::OnceLock;

use windows_permissions::constants::{SeObjectType, SecurityInformation};
use windows_permissions::wrappers::{GetSecurityInfo, SetSecurityInfo};
use windows_permissions::{LocalBox, SecurityDescriptor};

/// What to ask for beside reading and writing, so that the list of a file can be changed.
pub(crate) const READ_WRITE_AND_LIST: u32 = 0x8000_0000 | 0x4000_0000 | 0x0004_0000;

/// `FILE_FLAG_BACKUP_SEMANTICS`, without which no directory is opened.
const ALSO_DIRECTORIES: u32 = 0x0200_0000;

/// Errors of file systems without access lists, such as FAT: `ERROR_INVALID_FUNCTION`,
/// `ERROR_NOT_SUPPORTED`.
const NO_LISTS: [i32; 2] = [1, 50];

/// Gives a new file to its user alone, as mode 0600 does.
pub(crate) fn close_file(file: &File) -> io::Result<()> {
    let list = of_user_alone("")?;
    set(file, &list)
}

/// Gives a new directory, and what will be in it, to its user alone, as mode 0700 does.
pub(crate) fn close_directory(path: &Path) -> io::Result<()> {
    let list = of_user_alone("OICI")?;
    let mut options = File::options();
    options.access_mode(READ_WRITE_AND_LIST).custom_flags(ALSO_DIRECTORIES);
    set(&options.open(path)?, &list)
}

/// Gives a file the list of another one.
pub(crate) fn copy(from: &File, to: &File) -> io::Result<()> {
    match GetSecurityInfo(from, SeObjectType::SE_FILE_OBJECT, SecurityInformation::Dacl) {
        Ok(list) => set(to, &list),
        Err(error) => tolerated(Err(error)),
    }
}

fn set(file: &File, list: &SecurityDescriptor) -> io::Result<()> {
    tolerated(SetSecurityInfo(
        &mut file.try_clone()?, // it is not changed
        SeObjectType::SE_FILE_OBJECT,
        SecurityInformation::Dacl | SecurityInformation::ProtectedDacl,
        None,
        None,
        list.dacl(),
        None,
    ))
}

fn tolerated(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.raw_os_error().is_some_and(|code| NO_LISTS.contains(&code)) => Ok(()),
        result => result,
    }
}

/// A list with one entry. It names the user and not the owner: what an administrator makes may belong
/// to all administrators.
fn of_user_alone(inherited: &str) -> io::Result<LocalBox<SecurityDescriptor>> {
    static USER: OnceLock<Option<String>> = OnceLock::new();
    let user = USER.get_or_init(user).as_deref();
    let user = user.ok_or_else(|| io::Error::other("the user of the process is unknown"))?;
    format!("D:P(A;{inherited};FA;;;{user})").parse()
}

/// The security identifier of the user who runs the program.
fn user() -> Option<String> {
    use winsafe::co::{TOKEN, TOKEN_INFORMATION_CLASS};
    let token = winsafe::HPROCESS::GetCurrentProcess().OpenProcessToken(TOKEN::QUERY).ok()?;
    let winsafe::TokenInfo::User(user) =
        token.GetTokenInformation(TOKEN_INFORMATION_CLASS::User).ok()?
    else {
        return None;
    };
    winsafe::ConvertSidToStringSid(user.User.Sid()?).ok()
}
