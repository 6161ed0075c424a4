"""keyfob and the AWS CLI use the role credentials that the other one has cached."""

import json

from harness import World, check, equal, keyfob, main

PROFILES = {"work": "code", "plain": "code", "legacy": "device"}


def identity(world, profile):
    return world.aws("sts", "get-caller-identity", "--profile", profile).json()


def exported(world, profile):
    return world.aws("configure", "export-credentials", "--profile", profile).json()


def same_keys(one, other):
    for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        equal(one[name] == other[name], True, f"same {name}")


@check
def keyfob_uses_what_the_cli_has_cached():
    with World() as world:
        for number, (profile, flow) in enumerate(PROFILES.items(), 1):
            world.keyfob_login(profile, flow)
            account = identity(world, profile)["Account"]
            equal(world.emulator.count("GetRoleCredentials"), number, "calls of the AWS CLI")
            keys = world.credentials(profile)
            equal(keys["AccountId"], account)
            same_keys(keys, exported(world, profile))
            equal(world.emulator.count("GetRoleCredentials"), number, "calls after keyfob")


@check
def the_cli_uses_what_keyfob_has_cached():
    with World() as world:
        for number, (profile, flow) in enumerate(PROFILES.items(), 1):
            world.keyfob_login(profile, flow)
            keys = world.credentials(profile)
            equal(world.emulator.count("GetRoleCredentials"), number, "calls of keyfob")
            equal(identity(world, profile)["Account"], keys["AccountId"])
            same_keys(keys, exported(world, profile))
            equal(world.emulator.count("GetRoleCredentials"), number, "calls after the AWS CLI")


@check
def entries_have_the_same_names_and_contents():
    with World() as one, World() as other:
        for profile, flow in PROFILES.items():
            one.keyfob_login(profile, flow)
            one.credentials(profile)
            other.keyfob_login(profile, flow)
            identity(other, profile)
        names = [file.name for file in one.role_files()]
        equal(names, [file.name for file in other.role_files()])
        equal(len(names), 3, "entries")
        for ours, theirs in zip(one.role_files(), other.role_files()):
            equal(ours.stat().st_mode, theirs.stat().st_mode, "mode")
            entry, their_entry = json.loads(ours.read_text()), json.loads(theirs.read_text())
            equal(entry["ProviderType"], their_entry["ProviderType"])
            # Versions of the AWS CLI differ in whether they write the account.
            expected = set(their_entry["Credentials"]) | {"AccountId"}
            equal(set(entry["Credentials"]), expected, "members")


@check
def a_forced_refresh_reaches_the_cli():
    with World() as world:
        world.keyfob_login("work", "code")
        old = exported(world, "work")
        new = world.credentials("work", "--force-refresh")
        assert new["AccessKeyId"] != old["AccessKeyId"], "nothing was fetched"
        same_keys(new, exported(world, "work"))
        equal(world.emulator.count("GetRoleCredentials"), 2)


@check
def the_cli_replaces_an_entry_that_ends_soon():
    """The AWS CLI wants 15 minutes more, so a role of 10 minutes is fetched by it every time."""
    with World("[lifetimes]\nrole_credentials = 600") as world:
        world.keyfob_login("work", "code")
        keys = world.credentials("work")
        same_keys(keys, world.credentials("work"))
        equal(world.emulator.count("GetRoleCredentials"), 1, "calls of keyfob")
        identity(world, "work")
        equal(world.emulator.count("GetRoleCredentials"), 2, "calls after the AWS CLI")


@check
def another_person_does_not_get_them():
    with World() as world:
        world.keyfob_login("work", "code")
        assert identity(world, "work")["Arn"].endswith("/ada@example.com")
        world.keyfob("logout", "--sso-session", "work").ok()
        command = ("login", "--sso-session", "work")
        grace = "grace@example.com"
        world.sign_in_with_browser(keyfob(), *command, user=grace)
        assert identity(world, "work")["Arn"].endswith("/" + grace)


if __name__ == "__main__":
    main()
