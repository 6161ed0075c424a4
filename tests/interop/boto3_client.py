"""The client of the boto3 checks: a process that knows nothing but its environment. Prints JSON.

usage: boto3_client.py identity [PROFILE]   keys, and whose STS says that they are
       boto3_client.py keys [PROFILE]       the id of the keys, and how they were got
       boto3_client.py accounts PROFILE     the accounts that the access token can list
"""

import json
import sys

import boto3


def identity(session):
    keys = session.get_credentials()
    frozen = keys.get_frozen_credentials()
    answer = session.client("sts").get_caller_identity()
    return {
        "AccessKeyId": frozen.access_key,
        "SessionToken": frozen.token,
        "method": keys.method,
        "Account": answer["Account"],
        "Arn": answer["Arn"],
    }


def keys(session):
    found = session.get_credentials()
    return {"AccessKeyId": found.get_frozen_credentials().access_key, "method": found.method}


def accounts(session):
    token = session._session.get_auth_token().get_frozen_token().token
    pages = session.client("sso").get_paginator("list_accounts").paginate(accessToken=token)
    return [account["accountId"] for page in pages for account in page["accountList"]]


profile = sys.argv[2] if len(sys.argv) > 2 else None
print(json.dumps(globals()[sys.argv[1]](boto3.Session(profile_name=profile))))
