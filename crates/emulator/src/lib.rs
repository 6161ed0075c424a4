#![doc = include_str!("../README.md")]

mod approval;
mod calls;
mod company;
mod credentials;
mod error;
mod fault;
mod fault_answer;
mod form;
mod home;
mod iam;
mod idp;
mod in_process;
mod instance;
mod markup;
mod members;
mod oidc;
mod portal;
mod random;
mod rate_limit;
mod reply;
mod route;
mod scenario;
mod server;
mod session;
mod sign_in;
mod signin;
mod sts;
mod toml_values;

pub use http;
pub use wire;

pub use self::approval::{Approval, ApproveError};
pub use self::calls::Call;
pub use self::company::{Account, User};
pub use self::fault::{Fault, FaultKind};
pub use self::iam::{IamRole, IamUser};
pub use self::idp::Idp;
pub use self::in_process::InProcess;
pub use self::reply::{Reply, WireFault};
pub use self::scenario::{Lifetimes, Scenario, ScenarioError};
pub use self::server::{Server, ServerOptions};
pub use self::sign_in::SignIn;
pub use self::sts::RoleRequest;
