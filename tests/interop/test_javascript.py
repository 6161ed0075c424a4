"""The JavaScript SDK uses the sign-ins of keyfob, and keyfob goes on with what it writes."""

import json
import os
import shutil
import sys

from harness import HERE, World, check, equal, main, tool

ADA = "/ada@example.com"


def javascript(world, profile):
    client = str(HERE / "javascript_client.cjs")
    modules = tool("javascript/node_modules")
    return world.run(shutil.which("node"), client, profile, NODE_PATH=modules, NODE_NO_WARNINGS="1")


@check
def session_profile():
    with World() as world:
        for session, flow in (("work", "code"), ("plain", "device")):
            world.keyfob_login(session, flow)
            seen = javascript(world, session).json()
            equal((seen["Account"], seen["Arn"][-len(ADA) :]), ("111122223333", ADA))


@check
def legacy_profile():
    with World() as world:
        world.keyfob_login("legacy")
        equal(javascript(world, "legacy").json()["Account"], "222233334444")


@check
def nothing_but_the_command():
    with World() as world:
        world.keyfob_login("work", "code")
        seen = javascript(world, "process").json()
        keys = world.credentials("work")
        equal(seen["accessKeyId"], keys["AccessKeyId"], "cached keys")
        equal(seen["expiration"].replace(".000Z", "Z"), keys["Expiration"])


@check
def a_profile_with_both_keys_and_command():
    with World() as world:
        world.keyfob_login("work", "code")
        equal(javascript(world, "both").json()["Account"], "222233334444")


@check
def refresh_tokens_go_from_hand_to_hand():
    with World() as world:
        world.keyfob_login("work", "code")
        seen = [world.token()["refreshToken"]]
        for client in ("javascript", "keyfob", "javascript", "keyfob"):
            world.expire_token()
            if client == "javascript":
                javascript(world, "work").ok()
            else:
                world.credentials("work", "--force-refresh")
            seen.append(world.token()["refreshToken"])
        equal(len(set(seen)), 5, "different refresh tokens")
        equal(world.emulator.count("CreateToken:refresh_token"), 4, "refreshes")


@check
def members_of_others_outlive_a_refresh():
    """The JavaScript SDK keeps what it does not know, and so does keyfob."""
    with World() as world:
        world.keyfob_login("work", "code")
        token = {**world.expire_token(), "ofAnotherTool": {"kept": [1, "é"]}}
        world.token_file().write_text(json.dumps(token))
        javascript(world, "work").ok()
        world.expire_token()
        world.credentials("work", "--force-refresh")
        equal(world.token()["ofAnotherTool"], {"kept": [1, "é"]})
        equal(world.emulator.count("CreateToken:refresh_token"), 2)


@check
def after_a_sign_out_there_are_no_keys():
    with World() as world:
        world.keyfob_login("work", "code")
        javascript(world, "work").ok()
        world.keyfob("logout", "--sso-session", "work").ok()
        for profile in ("work", "process", "both"):
            seen = javascript(world, profile)
            equal((seen.code, seen.stdout), (1, ""), profile)


if __name__ == "__main__":
    if not os.path.isdir(tool("javascript")):
        print("skipped javascript: install.sh has found no Node.js that the SDK runs on")
        sys.exit(0)
    main()
