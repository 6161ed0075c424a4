"""Role chains mean the same to keyfob and to real clients, and `exec` feeds them."""

import shutil

from harness import CONFIG, HERE, World, check, equal, keyfob, main, tool

# Chains over an SSO role and over the keys of the emulator's user; `TOKEN` is a file.
ROLES = (
    CONFIG
    + """
[profile user]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
region = {region}

[profile hub]
role_arn = arn:aws:iam::222233334444:role/Hub
source_profile = work
external_id = example
role_session_name = interop
region = {region}

[profile spoke]
role_arn = arn:aws:iam::333344445555:role/path/Spoke
source_profile = hub
role_session_name = interop
region = {region}

[profile of-user]
role_arn = arn:aws:iam::222233334444:role/OfUser
source_profile = user
role_session_name = interop
duration_seconds = 1800
region = {region}

[profile of-environment]
role_arn = arn:aws:iam::222233334444:role/OfEnvironment
credential_source = Environment
role_session_name = interop
region = {region}

[profile by-command]
credential_process = "{keyfob}" credential-process --profile spoke
region = {region}
"""
)
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}
CHAINS = ("hub", "spoke", "of-user")
STALE = {"AWS_PROFILE": "stale", "AWS_SESSION_TOKEN": "stale", "AWS_ROLE_ARN": "stale"}

# Asks whose the credentials are, waits until they have expired, and asks again.
BOTO3_PAST_EXPIRY = """
import boto3, datetime, json, time
session = boto3.Session()
keys, seen = session.get_credentials(), []
for _ in range(2):
    frozen = keys.get_frozen_credentials()
    seen.append([frozen.access_key, session.client("sts").get_caller_identity()["Arn"]])
    while datetime.datetime.now(datetime.timezone.utc) <= keys._expiry_time:
        time.sleep(0.2)
print(json.dumps(seen))
"""
JAVASCRIPT_PAST_EXPIRY = """
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");
(async () => {
  const sts = new STSClient({ region: "eu-central-1", credentials: fromNodeProviderChain() });
  const seen = [];
  for (let i = 0; i < 2; i++) {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    const { accessKeyId, expiration } = await sts.config.credentials();
    seen.push([accessKeyId, Arn]);
    while (new Date() <= expiration) await new Promise((done) => setTimeout(done, 200));
  }
  console.log(JSON.stringify(seen));
})();
"""


def javascript(world, *command, **variables):
    variables = {"NODE_PATH": tool("javascript/node_modules"), "NODE_NO_WARNINGS": "1", **variables}
    return world.run(*command, **variables)


def node(profile):
    return (shutil.which("node"), str(HERE / "javascript_client.cjs"), profile)


def arn(world, profile, **variables):
    return world.keyfob("whoami", "--profile", profile, "--output", "json", **variables).json()["arn"]


def signed_in(scenario=None):
    world = World(scenario, config=ROLES)
    world.keyfob_login("work")
    return world


@check
def chains_are_the_same_to_boto3():
    with signed_in() as world:
        for profile in (*CHAINS, "by-command"):
            expected = arn(world, "spoke" if profile == "by-command" else profile)
            equal(world.boto3("identity", profile)["Arn"], expected, profile)


@check
def chains_are_the_same_to_the_aws_cli():
    with signed_in() as world:
        for profile in (*CHAINS, "by-command"):
            seen = world.aws("sts", "get-caller-identity", "--profile", profile).json()["Arn"]
            equal(seen, arn(world, "spoke" if profile == "by-command" else profile), profile)


@check
def chains_are_the_same_to_javascript():
    with signed_in() as world:
        for profile in (*CHAINS, "by-command"):
            seen = javascript(world, *node(profile)).json()["Arn"]
            equal(seen, arn(world, "spoke" if profile == "by-command" else profile), profile)


@check
def the_environment_is_a_source():
    with signed_in() as world:
        expected = arn(world, "of-environment", **KEYS)
        assert expected.endswith(":assumed-role/OfEnvironment/interop"), expected
        equal(world.boto3("identity", "of-environment", **KEYS)["Arn"], expected)


@check
def a_web_identity_is_the_same_to_boto3():
    with signed_in() as world:
        token = world.home / "token"
        token.write_text("token-of-ci")
        with open(world.aws_dir / "config", "a") as config:
            config.write(
                f"[profile web]\nrole_arn = arn:aws:iam::222233334444:role/Web\n"
                f"role_session_name = interop\nweb_identity_token_file = {token}\n"
                "region = eu-central-1\n"
            )
        equal(world.boto3("identity", "web")["Arn"], arn(world, "web"))


@check
def exec_gives_its_identity_to_every_client():
    with signed_in() as world:
        expected = arn(world, "spoke")
        execute = (keyfob(), "exec", "--profile", "spoke", "--")
        boto3 = (tool("venv/bin/python"), str(HERE / "boto3_client.py"), "identity")
        equal(world.run(*execute, *boto3, **STALE).json()["Arn"], expected, "boto3")
        aws = (tool("aws"), "sts", "get-caller-identity")
        equal(world.run(*execute, *aws, **STALE).json()["Arn"], expected, "the AWS CLI")


@check
def an_exported_environment_is_the_identity():
    with signed_in() as world:
        client = f"'{tool('venv/bin/python')}' '{HERE / 'boto3_client.py'}' identity"
        script = f"eval \"$('{keyfob()}' export --profile spoke)\" && {client}"
        equal(world.run("sh", "-c", script).json()["Arn"], arn(world, "spoke"))


def past_expiry(command, **variables):
    with signed_in("[lifetimes]\nrole_credentials = 5\n") as world:
        serve = (keyfob(), "exec", "--server", "--profile", "work", "--region", "eu-central-1", "--")
        first, second = world.run(*serve, *command, **variables).json()
        assert first[0] != second[0], "the same key after its expiry"
        equal(first[1], second[1])


@check
def a_server_feeds_boto3_past_an_expiry():
    past_expiry((tool("venv/bin/python"), "-c", BOTO3_PAST_EXPIRY))


@check
def a_server_feeds_javascript_past_an_expiry():
    past_expiry(
        (shutil.which("node"), "-e", JAVASCRIPT_PAST_EXPIRY),
        NODE_PATH=tool("javascript/node_modules"),
        NODE_NO_WARNINGS="1",
    )


if __name__ == "__main__":
    main()
