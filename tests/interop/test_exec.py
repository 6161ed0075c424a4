"""A command of `exec`, or of a shell after `export`, is who keyfob says, whatever `[default]` is.

Every SDK looks into the shared files before it asks a container, and some prefer AWS_PROFILE to the
keys of the environment.
"""

from harness import CONFIG, World, check, clients, equal, keyfob, main, tool

USER = """
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
"""
OTHERS = f"""
[profile user]
{USER}
[profile through-default]
role_arn = arn:aws:iam::222233334444:role/Admin
source_profile = default
"""
# Braces are doubled: the harness fills the text in.
DEFAULTS = {
    "static keys": USER,
    "a role": "role_arn = arn:aws:iam::222233334444:role/Admin\nsource_profile = user\n",
    "sso keys": """
sso_session = work
sso_account_id = 222233334444
sso_role_name = Administrator
""",
    "a process": """
credential_process = echo '{{"Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "s"}}'
""",
}
NO_PROXY_HERE = "http://127.0.0.1:9"  # nobody listens there


def every_client(of_default, command, expected, profile=None, **variables):
    """Runs each client with a command before it, and looks whose key it has."""
    config = f"{CONFIG}\n[default]\nregion = eu-north-1\n{of_default}\n{OTHERS}"
    with World(config=config) as world:
        world.keyfob_login("work", "code")
        keys = {
            "work": world.credentials("work")["AccessKeyId"],
            "user": "AKIAIOSFODNN7EXAMPLE",
        }
        for name, client in clients().items():
            seen = world.run(*command, *client(profile), **variables).ok()
            assert keys[expected] in seen.stdout, f"{name}: {seen.stdout} {seen.stderr}"


SERVER = (keyfob(), "exec", "--profile", "work", "--server", "--")
PLAIN = (keyfob(), "exec", "--profile", "work", "--")


@check
def server_beside_static_keys_of_default():
    every_client(DEFAULTS["static keys"], SERVER, "work")


@check
def server_beside_a_role_of_default():
    every_client(DEFAULTS["a role"], SERVER, "work")


@check
def server_beside_sso_keys_of_default():
    every_client(DEFAULTS["sso keys"], SERVER, "work")


@check
def server_beside_a_process_of_default():
    every_client(DEFAULTS["a process"], SERVER, "work")


@check
def server_beside_a_named_profile_and_a_proxy():
    proxies = {"HTTP_PROXY": NO_PROXY_HERE, "http_proxy": NO_PROXY_HERE}
    stale = {"AWS_PROFILE": "user", "AWS_DEFAULT_PROFILE": "user"}
    every_client(DEFAULTS["a role"], SERVER, "work", **stale, **proxies)


@check
def server_beside_keys_of_the_first_boto():
    with World() as world:
        world.keyfob_login("work", "code")
        (world.home / ".boto").write_text(f"[Credentials]{USER}")
        expected = world.credentials("work")["AccessKeyId"]
        for name in ("boto3", "AWS CLI"):
            seen = world.run(*SERVER, *clients()[name](None)).ok()
            assert expected in seen.stdout, f"{name}: {seen.stdout} {seen.stderr}"


@check
def another_profile_is_itself_beside_the_server():
    every_client(DEFAULTS["static keys"], SERVER, "user", profile="user")


@check
def default_is_itself_for_profiles_that_name_it():
    config = f"{CONFIG}\n[default]\nregion = eu-north-1\n{USER}\n{OTHERS}"
    with World(config=config) as world:
        world.keyfob_login("work", "code")
        for _, client in clients().items():
            world.run(*SERVER, *client("through-default")).ok()
        equal(world.emulator.count("AssumeRole") > 0, True)


@check
def a_command_is_not_the_profile_of_the_caller():
    for of_default in DEFAULTS.values():
        every_client(of_default, PLAIN, "work", AWS_PROFILE="user", AWS_DEFAULT_PROFILE="user")


@check
def a_shell_is_not_the_profile_that_it_had():
    script = f'eval "$({keyfob()} export --profile work)" && exec "$@"'
    stale = {"AWS_PROFILE": "user", "AWS_DEFAULT_PROFILE": "user", "AWS_SECURITY_TOKEN": "stale"}
    every_client(DEFAULTS["static keys"], ("sh", "-c", script, "sh"), "work", **stale)


@check
def a_shell_is_nobody_after_unset():
    """It is who it is without any variable: `[default]`."""
    script = f'eval "$({keyfob()} export --profile work)" && eval "$({keyfob()} export --unset)"'
    command = ("sh", "-c", f'{script} && exec "$@"', "sh")
    every_client(DEFAULTS["static keys"], command, "user", AWS_PROFILE="work")


@check
def settings_of_the_profile_count_beside_the_server():
    with World() as world:
        world.keyfob_login("work", "code")
        seen = world.run(*SERVER, "env", "-u", "AWS_REGION", "-u", "AWS_DEFAULT_REGION",
                         tool("aws"), "configure", "get", "region").ok()
        equal(seen.stdout.strip(), "eu-central-1")


if __name__ == "__main__":
    main()
