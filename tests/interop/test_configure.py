"""What `keyfob configure` writes is read alike by botocore and by keyfob."""

import random

from botocore.configloader import load_config

from harness import World, check, equal, main

URL = "https://d-1.awsapps.com/start"
ROUNDS = 40


def any_config(chance):
    """Makes a config file that botocore accepts, with all that edits must leave alone."""
    blocks = ["# mine\n", "[sso-session s]\nsso_start_url = " + URL + "\nsso_region = eu-west-1\n"]
    for name in chance.sample(["a", "b", "c", "default"], chance.randint(1, 4)):
        header = "[default]" if name == "default" else f"[profile {name}]"
        lines = [header, f"region={chance.choice(['eu-west-1', 'us-east-1'])}"]
        if chance.random() < 0.4:
            lines += ["# a comment", f"sso_start_url = {URL}", "sso_region = eu-west-1"]
            lines += ["sso_account_id = 111122223333", "sso_role_name = ReadOnly"]
        if chance.random() < 0.4:
            lines += ["s3 =", "  max_concurrent_requests = 9", "  use_accelerate_endpoint=true"]
        blocks.append("\n".join(lines) + "\n" * chance.randint(1, 3))
    if chance.random() < 0.5:
        blocks.append("[services l]\nsts =\n  endpoint_url = http://127.0.0.1:1\n")
    return "".join(blocks).replace("\n", chance.choice(["\n", "\r\n"]))


def any_edit(chance):
    if chance.random() < 0.2:
        return ["configure", "migrate", "--all"]
    if chance.random() < 0.3:
        name = chance.choice(["s", "t"])
        edit = ["configure", "sso-session", name, "--start-url", URL, "--region", "eu-west-1"]
        return edit + ["--force"]
    name = chance.choice(["a", "b", "default", "new"])
    edit = ["configure", "profile", name, "--sso-session", "s", "--account-id", "123456789012"]
    return edit + ["--role-name", chance.choice(["Admin", "ReadOnly"]), "--force"]


def as_keyfob_reads(world, name):
    """The settings of a profile that stand in the profile itself, as keyfob reads them."""
    settings = world.keyfob("explain", "--profile", name, "--output", "json").ok().json()["settings"]
    return {key: entry["value"] for key, entry in settings.items() if "file" in entry["source"]}


@check
def edited_files_are_read_alike():
    chance = random.Random(20260102)
    with World() as world:
        path = world.aws_dir / "config"
        for round_ in range(ROUNDS):
            path.write_bytes(any_config(chance).encode())
            for _ in range(chance.randint(1, 3)):
                world.keyfob(*any_edit(chance)).ok()
                read = load_config(str(path))
                profiles = world.keyfob("profiles", "--output", "json").ok().json()["profiles"]
                equal({row["name"] for row in profiles}, set(read["profiles"]), f"round {round_}")
                for name, expected in read["profiles"].items():
                    session = read["sso_sessions"].get(expected.get("sso_session"), {})
                    expected = {**session, **expected}
                    equal(as_keyfob_reads(world, name), expected, f"round {round_}, {name}")


@check
def lines_of_other_sections_stay_as_they_are():
    chance = random.Random(7)
    with World() as world:
        path = world.aws_dir / "config"
        for _ in range(ROUNDS):
            before = any_config(chance).encode()
            path.write_bytes(before)
            world.keyfob(
                "configure", "profile", "new", "--sso-session", "s",
                "--account-id", "123456789012", "--role-name", "Admin",
            ).ok()
            assert path.read_bytes().startswith(before), "something else was changed"


if __name__ == "__main__":
    main()
