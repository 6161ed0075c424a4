// The client of the JavaScript checks. Prints whose keys a profile gives, and the keys, as JSON.
//
// usage: node javascript_client.cjs PROFILE
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

main(process.argv[2]).catch((error) => {
  console.error(String(error));
  process.exitCode = 1;
});
