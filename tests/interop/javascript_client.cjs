// The client of the JavaScript checks. Prints whose keys a profile gives, and the keys, as JSON.
//
// usage: node javascript_client.cjs PROFILE
//        node javascript_client.cjs keys [PROFILE]   the keys alone, without asking whose
"use strict";

const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");

async function main(profile) {
  const credentials = await fromNodeProviderChain({ profile })();
  const sts = new STSClient({ region: "eu-central-1", credentials });
  const { Account, Arn } = await sts.send(new GetCallerIdentityCommand({}));
  const { accessKeyId, expiration } = credentials;
  console.log(JSON.stringify({ accessKeyId, expiration, Account, Arn }));
}

async function keys(profile) {
  const { accessKeyId } = await fromNodeProviderChain({ profile })();
  console.log(JSON.stringify({ accessKeyId }));
}

const [, , first, second] = process.argv;
(first === "keys" ? keys(second) : main(first)).catch((error) => {
  console.error(String(error));
  process.exitCode = 1;
});
