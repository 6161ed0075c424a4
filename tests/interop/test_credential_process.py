"""Clients that know nothing of Identity Center run `keyfob credential-process`."""

import json
import shutil

from harness import CONFIG, World, check, equal, keyfob, main

KEYS = ["Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"]


def as_contracted(outcome):
    """Checks the contract of credential_process, and returns the keys."""
    outcome.ok()
    equal(outcome.stderr, "", "stderr")
    equal(outcome.stdout.count("\n"), 1, "line ends")
    assert outcome.stdout.endswith("}\n"), "more after the object"
    equal([name for name, _ in json.loads(outcome.stdout, object_pairs_hook=list)], KEYS)
    return json.loads(outcome.stdout)


@check
def output_is_one_line_in_the_order_of_the_contract():
    with World() as world:
        world.keyfob_login("work", "code")
        for attempt in ("cold", "cached"):
            keys = as_contracted(world.keyfob("credential-process", "--profile", "work"))
            assert type(keys["Version"]) is int and keys["Version"] == 1, attempt
            equal(keys["AccountId"], "111122223333")
            assert all(type(keys[name]) is str and keys[name] for name in KEYS[1:]), attempt
            equal(len(keys["Expiration"]), len("2020-01-01T00:00:00Z"))
            assert keys["Expiration"].endswith("Z"), keys["Expiration"]
        equal(world.emulator.count("GetRoleCredentials"), 1)


@check
def output_is_the_same_after_a_refresh():
    with World() as world:
        world.keyfob_login("work", "code")
        world.expire_token()
        as_contracted(world.keyfob("credential-process", "--profile", "work"))
        equal(world.emulator.count("CreateToken:refresh_token"), 1)


@check
def without_a_sign_in_the_code_is_1():
    with World() as world:
        for profile, command in (
            ("work", "keyfob login --sso-session work"),
            ("legacy", "keyfob login "),
        ):
            seen = world.keyfob("credential-process", "--profile", profile)
            equal((seen.code, seen.stdout), (1, ""), profile)
            assert command in seen.stderr, seen.stderr
        equal(world.emulator.calls(), {})


@check
def the_login_command_of_the_message_works():
    with World() as world:
        for profile in ("work", "legacy"):
            seen = world.keyfob("credential-process", "--profile", profile)
            command = seen.stderr.split("`")[-2].split()
            equal(command[0], "keyfob", seen.stderr)
            world.sign_in(keyfob(), *command[1:], "--no-browser")
            world.credentials(profile)


@check
def without_a_profile_of_that_name_the_code_is_2():
    with World() as world:
        seen = world.keyfob("credential-process", "--profile", "nobody")
        equal((seen.code, seen.stdout), (2, ""))


@check
def boto3_with_nothing_but_the_command():
    with World() as world:
        world.keyfob_login("work", "code")
        seen = world.boto3("identity", "process")
        equal((seen["method"], seen["Account"]), ("custom-process", "111122223333"))
        equal(seen["AccessKeyId"], world.credentials("work")["AccessKeyId"], "cached keys")


@check
def aws_cli_with_nothing_but_the_command():
    with World() as world:
        world.keyfob_login("work", "code")
        identity = world.aws("sts", "get-caller-identity", "--profile", "process").json()
        equal(identity["Account"], "111122223333")
        export = ("configure", "export-credentials", "--profile", "process")
        exported = world.aws(*export).json()
        equal(exported["AccessKeyId"], world.credentials("work")["AccessKeyId"], "cached keys")
        equal(world.emulator.count("GetRoleCredentials"), 1)


@check
def clients_show_the_message_of_a_missing_sign_in():
    with World() as world:
        seen = world.aws("sts", "get-caller-identity", "--profile", "process")
        assert seen.code != 0 and "keyfob login --sso-session work" in seen.stderr, seen.stderr


@check
def a_profile_with_both_keys_and_command():
    with World() as world:
        world.keyfob_login("work", "code")
        equal(world.credentials("both")["AccountId"], "222233334444")
        equal(world.boto3("identity", "both")["Account"], "222233334444")
        identity = world.aws("sts", "get-caller-identity", "--profile", "both").json()
        equal(identity["Account"], "222233334444")


@check
def a_command_that_names_its_own_profile_ends_in_every_client():
    """As older SDKs see a profile with both: they skip the keys, and run the command."""
    command = "credential-process --profile"
    config = CONFIG.replace(f"{command} work", f"{command} both")
    with World(config=config) as world:
        world.keyfob_login("work", "code")
        equal(world.boto3("identity", "process")["Account"], "222233334444")
        exported = world.aws("configure", "export-credentials", "--profile", "process").json()
        equal(exported["AccessKeyId"], world.credentials("both")["AccessKeyId"])
        guarded = world.keyfob(
            "credential-process", "--profile", "both", _AWS_CLI_PROFILE_CHAIN="both"
        )
        equal(guarded.json()["AccountId"], "222233334444", "within a chain of the AWS CLI")


@check
def a_path_with_a_blank_in_quotes():
    with World() as world:
        copy = world.home / "my tools" / "keyfob"
        copy.parent.mkdir()
        shutil.copy(keyfob(), copy)
        config = world.aws_dir / "config"
        config.write_text(config.read_text().replace(f'"{keyfob()}"', f'"{copy}"'))
        world.keyfob_login("work", "code")
        equal(world.boto3("identity", "process")["Account"], "111122223333")
        world.aws("sts", "get-caller-identity", "--profile", "process").ok()


if __name__ == "__main__":
    main()
