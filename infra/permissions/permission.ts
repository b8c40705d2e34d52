/**
 * What each process may do on AWS, as data: the stacks make roles of it, and a test holds it against the calls that the
 * code of each process can make (test/infra/permissions.test.ts).
 */
export interface Permission {
  /** Letters and digits: the statement's id in the policy. */
  id: string;
  actions: readonly string[];
  resources: readonly string[];
  conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why the resources end in an asterisk, or why an action is there that no call of the SDK names. */
  because?: string;
}

/** What permissions are about; ARNs without an asterisk. */
export interface Arns {
  store: string;
  models: string;
  key: string;
  summaries: string;
  trainingRole: string;
  importRole: string;
  /** Of SageMaker's endpoints; null where vLLM's pods serve. */
  serving: { role: string; image: string; scalingRole: string } | null;
  trainingImage: string;
  topic: string;
  /** `arn:<partition>:sagemaker:<region>:<account>` and so on: the beginning of what has names made at run time. */
  sageMaker: string;
  logs: string;
  ec2: string;
  cloudWatch: string;
  bedrock: string;
  /** Titan, which embeds text. */
  embeddingModel: string;
  clusterName: string;
  dataBuckets: readonly string[];
}

export const below = ({ bucket, prefixes }: { bucket: string; prefixes: readonly string[] }): string[] =>
  prefixes.map((prefix) => `${bucket}/${prefix}/*`);

/** Without it S3 answers 403 for an object that is not there; a condition on the prefix would bring the 403 back. */
export const tellsMissing = (id: string, buckets: readonly string[]): Permission => ({
  id,
  actions: ['s3:ListBucket'],
  resources: buckets,
});

/** Why a permission on objects of a bucket ends in an asterisk. */
export const keys = 'keys have names made at run time';

/** What SageMaker does for a job or an endpoint in the network of the installation. */
export const joinNetwork = (ec2: string): Permission[] => [
  {
    id: 'LookAtNetwork',
    actions: [
      'ec2:DescribeDhcpOptions',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSecurityGroups',
      'ec2:DescribeSubnets',
      'ec2:DescribeVpcs',
    ],
    resources: ['*'],
    because: 'EC2 knows no resources for describing',
  },
  {
    id: 'JoinNetwork',
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:CreateNetworkInterfacePermission',
      'ec2:DeleteNetworkInterface',
      'ec2:DeleteNetworkInterfacePermission',
    ],
    resources: [`${ec2}:network-interface/*`, `${ec2}:subnet/*`, `${ec2}:security-group/*`],
    because: 'SageMaker makes the interfaces of what it starts',
  },
];

/** Pulling one image, and signing in for that. */
export const pullImage = (repository: string): Permission[] => [
  {
    id: 'PullImage',
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    resources: [repository],
  },
  {
    id: 'SignInToImages',
    actions: ['ecr:GetAuthorizationToken'],
    resources: ['*'],
    because: 'ECR knows no resources for signing in',
  },
];

/** What SageMaker tells of a job or an endpoint: its log, and figures of its own namespaces. */
export const tellWhatHappens = ({
  logs,
  groups,
  namespaces,
}: {
  logs: string;
  groups: readonly string[];
  namespaces: readonly string[];
}): Permission[] => [
  {
    id: 'WriteLog',
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: groups.flatMap((group) => [`${logs}:log-group:${group}`, `${logs}:log-group:${group}:log-stream:*`]),
    because: 'SageMaker names groups and streams',
  },
  {
    id: 'WriteFigures',
    actions: ['cloudwatch:PutMetricData'],
    resources: ['*'],
    conditions: { StringEquals: { 'cloudwatch:namespace': namespaces } },
    because: 'CloudWatch knows no resources for metrics; the condition holds it to the namespaces of what it runs',
  },
];

/** Volumes of instances without disks of their own are encrypted by a grant, which only AWS's services can use. */
export const volumeGrant = (key: string): Permission => ({
  id: 'EncryptVolumes',
  actions: ['kms:CreateGrant'],
  resources: [key],
  conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  because: 'SageMaker makes the grant as it starts instances',
});

export const encryption = (key: string): Permission => ({
  id: 'Encryption',
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: [key],
  because: 'S3, DynamoDB and SNS ask for the key in the name of the caller',
});
