#![doc = include_str!("../README.md")]

mod company;
mod credentials;
mod error;
mod fault;
mod form;
mod iam;
mod idp;
mod in_process;
mod oidc;
mod portal;
mod random;
mod rate_limit;
mod reply;
mod route;
mod scenario;
mod server;
mod session;
mod signin;
mod sts;

pub use self::company::{Account, User};
pub use self::fault::{Fault, FaultKind};
pub use self::iam::{IamRole, IamUser};
pub use self::idp::{Call, Idp};
pub use self::in_process::InProcess;
pub use self::reply::{Reply, WireFault};
pub use self::scenario::{Approval, Lifetimes, Scenario, ScenarioError};
pub use self::server::{Server, ServerOptions};
pub use self::signin::ApproveError;
pub use self::sts::RoleRequest;
