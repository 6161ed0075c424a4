/// A page of the console by the short name of its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Service {
    /// The short name.
    pub name: &'static str,
    /// The path on the host of the console, without a slash before it.
    pub path: &'static str,
    /// What stands behind the `#`, if anything does.
    pub fragment: &'static str,
    /// Whether the service has no regions: its URL names none.
    pub is_global: bool,
}

/// Returns the service of a short name, in whatever case.
pub fn service(name: &str) -> Option<&'static Service> {
    let name = name.to_ascii_lowercase();
    let found = SERVICES.binary_search_by(|service| service.name.cmp(&name)).ok()?;
    SERVICES.get(found)
}

const GLOBAL: bool = true;
const REGIONAL: bool = false;

const fn row(
    name: &'static str,
    path: &'static str,
    fragment: &'static str,
    is_global: bool,
) -> Service {
    Service { name, path, fragment, is_global }
}

/// The short names, sorted.
pub const SERVICES: &[Service] = &[
    row("acm", "acm/home", "", REGIONAL),
    row("amplify", "amplify/home", "", REGIONAL),
    row("api", "apigateway/main", "", REGIONAL),
    row("apigateway", "apigateway/main", "", REGIONAL),
    row("apigw", "apigateway/main", "", REGIONAL),
    row("appconfig", "systems-manager/appconfig", "", REGIONAL),
    row("apprunner", "apprunner/home", "", REGIONAL),
    row("appsync", "appsync/home", "", REGIONAL),
    row("as", "ec2/home", "AutoScalingGroups:", REGIONAL),
    row("asg", "ec2/home", "AutoScalingGroups:", REGIONAL),
    row("athena", "athena/home", "", REGIONAL),
    row("autoscaling", "ec2/home", "AutoScalingGroups:", REGIONAL),
    row("backup", "backup/home", "", REGIONAL),
    row("batch", "batch/home", "", REGIONAL),
    row("beanstalk", "elasticbeanstalk/home", "", REGIONAL),
    row("bedrock", "bedrock/home", "", REGIONAL),
    row("c9", "cloud9/home", "", REGIONAL),
    row("cb", "codesuite/codebuild/projects", "", REGIONAL),
    row("cdn", "cloudfront/v4/home", "", GLOBAL),
    row("cf", "cloudfront/v4/home", "", GLOBAL),
    row("cfn", "cloudformation/home", "", REGIONAL),
    row("chatbot", "chatbot/home", "", GLOBAL),
    row("cloud9", "cloud9/home", "", REGIONAL),
    row("cloudformation", "cloudformation/home", "", REGIONAL),
    row("cloudfront", "cloudfront/v4/home", "", GLOBAL),
    row("cloudmap", "cloudmap/home", "", REGIONAL),
    row("cloudshell", "cloudshell/home", "", REGIONAL),
    row("cloudtrail", "cloudtrailv2/home", "", REGIONAL),
    row("cloudwatch", "cloudwatch/home", "", REGIONAL),
    row("codeartifact", "codesuite/codeartifact/start", "", REGIONAL),
    row("codebuild", "codesuite/codebuild/projects", "", REGIONAL),
    row("codecommit", "codesuite/codecommit/repositories", "", REGIONAL),
    row("codedeploy", "codesuite/codedeploy/applications", "", REGIONAL),
    row("codepipeline", "codesuite/codepipeline/pipelines", "", REGIONAL),
    row("cognito", "cognito/v2/home", "", REGIONAL),
    row("config", "config/home", "", REGIONAL),
    row("controltower", "controltower/home", "", REGIONAL),
    row("cost", "cost-management/home", "", GLOBAL),
    row("cp", "codesuite/codepipeline/pipelines", "", REGIONAL),
    row("ct", "cloudtrailv2/home", "", REGIONAL),
    row("cw", "cloudwatch/home", "", REGIONAL),
    row("ddb", "dynamodbv2/home", "", REGIONAL),
    row("directconnect", "directconnect/v2/home", "", GLOBAL),
    row("dms", "dms/v2/home", "", REGIONAL),
    row("docdb", "docdb/home", "", REGIONAL),
    row("ds", "directoryservicev2/home", "", REGIONAL),
    row("dx", "directconnect/v2/home", "", GLOBAL),
    row("dynamodb", "dynamodbv2/home", "", REGIONAL),
    row("eb", "events/home", "", REGIONAL),
    row("ebs", "ec2/home", "Volumes:", REGIONAL),
    row("ec2", "ec2/home", "", REGIONAL),
    row("ecr", "ecr/private-registry/repositories", "", REGIONAL),
    row("ecs", "ecs/v2/home", "", REGIONAL),
    row("efs", "efs/home", "", REGIONAL),
    row("eks", "eks/home", "", REGIONAL),
    row("elasticache", "elasticache/home", "", REGIONAL),
    row("elasticbeanstalk", "elasticbeanstalk/home", "", REGIONAL),
    row("elb", "ec2/home", "LoadBalancers:", REGIONAL),
    row("emr", "emr/home", "", REGIONAL),
    row("es", "aos/home", "", REGIONAL),
    row("eventbridge", "events/home", "", REGIONAL),
    row("events", "events/home", "", REGIONAL),
    row("fargate", "ecs/v2/home", "", REGIONAL),
    row("firehose", "firehose/home", "", REGIONAL),
    row("fsx", "fsx/home", "", REGIONAL),
    row("ga", "globalaccelerator/home", "", GLOBAL),
    row("gd", "guardduty/home", "", REGIONAL),
    row("globalaccelerator", "globalaccelerator/home", "", GLOBAL),
    row("glue", "glue/home", "", REGIONAL),
    row("grafana", "grafana/home", "", REGIONAL),
    row("guardduty", "guardduty/home", "", REGIONAL),
    row("health", "health/home", "", GLOBAL),
    row("iam", "iam/home", "", GLOBAL),
    row("imagebuilder", "imagebuilder/home", "", REGIONAL),
    row("inspector", "inspector/v2/home", "", REGIONAL),
    row("iot", "iot/home", "", REGIONAL),
    row("ivs", "ivs/home", "", REGIONAL),
    row("kinesis", "kinesis/home", "", REGIONAL),
    row("kms", "kms/home", "", REGIONAL),
    row("l", "lambda/home", "", REGIONAL),
    row("lakeformation", "lakeformation/home", "", REGIONAL),
    row("lambda", "lambda/home", "", REGIONAL),
    row("lightsail", "lightsail/ls/webapp/home", "", REGIONAL),
    row("location", "location/home", "", REGIONAL),
    row("logs", "cloudwatch/home", "logsV2:log-groups", REGIONAL),
    row("macie", "macie/home", "", REGIONAL),
    row("mq", "amazon-mq/home", "", REGIONAL),
    row("msk", "msk/home", "", REGIONAL),
    row("mwaa", "mwaa/home", "", REGIONAL),
    row("neptune", "neptune/home", "", REGIONAL),
    row("opensearch", "aos/home", "", REGIONAL),
    row("org", "organizations/v2/home", "", GLOBAL),
    row("organizations", "organizations/v2/home", "", GLOBAL),
    row("param", "systems-manager/parameters", "", REGIONAL),
    row("parameters", "systems-manager/parameters", "", REGIONAL),
    row("pinpoint", "pinpoint/home", "", REGIONAL),
    row("quotas", "servicequotas/home", "", REGIONAL),
    row("r53", "route53/v2/home", "", GLOBAL),
    row("ram", "ram/home", "", REGIONAL),
    row("rds", "rds/home", "", REGIONAL),
    row("redshift", "redshiftv2/home", "", REGIONAL),
    row("resources", "resource-groups/home", "", REGIONAL),
    row("route53", "route53/v2/home", "", GLOBAL),
    row("s3", "s3/home", "", REGIONAL),
    row("sagemaker", "sagemaker/home", "", REGIONAL),
    row("scheduler", "scheduler/home", "", REGIONAL),
    row("sdb", "sdb/home", "", REGIONAL),
    row("secretsmanager", "secretsmanager/landing", "", REGIONAL),
    row("securityhub", "securityhub/home", "", REGIONAL),
    row("servicecatalog", "servicecatalog/home", "", REGIONAL),
    row("ses", "ses/home", "", REGIONAL),
    row("sfn", "states/home", "", REGIONAL),
    row("sg", "ec2/home", "SecurityGroups:", REGIONAL),
    row("shield", "wafv2/shieldv2", "", GLOBAL),
    row("signer", "signer/home", "", REGIONAL),
    row("sm", "secretsmanager/landing", "", REGIONAL),
    row("sns", "sns/v3/home", "", REGIONAL),
    row("sqs", "sqs/v3/home", "", REGIONAL),
    row("ssm", "systems-manager/home", "", REGIONAL),
    row("sso", "singlesignon/home", "", REGIONAL),
    row("states", "states/home", "", REGIONAL),
    row("stepfunctions", "states/home", "", REGIONAL),
    row("storagegateway", "storagegateway/home", "", REGIONAL),
    row("support", "support/home", "", GLOBAL),
    row("synthetics", "cloudwatch/home", "synthetics:canary/list", REGIONAL),
    row("ta", "trustedadvisor/home", "", GLOBAL),
    row("tag", "resource-groups/tag-editor/find-resources", "", REGIONAL),
    row("timestream", "timestream/home", "", REGIONAL),
    row("transfer", "transfer/home", "", REGIONAL),
    row("trustedadvisor", "trustedadvisor/home", "", GLOBAL),
    row("vpc", "vpcconsole/home", "", REGIONAL),
    row("vpn", "vpcconsole/home", "VpnConnections:", REGIONAL),
    row("waf", "wafv2/homev2", "", REGIONAL),
    row("workspaces", "workspaces/v2/home", "", REGIONAL),
    row("xray", "cloudwatch/home", "xray:service-map/map", REGIONAL),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_and_each_is_there_once() {
        assert!(SERVICES.is_sorted_by(|one, other| one.name < other.name));
        for Service { name, path, .. } in SERVICES {
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
            assert!(!path.starts_with('/') && !path.ends_with('/'), "{path}");
        }
    }

    #[test]
    fn a_name_is_found_in_any_case() {
        assert_eq!(service("DDB").unwrap().path, "dynamodbv2/home");
        assert_eq!(service("dydb"), None);
    }
}
