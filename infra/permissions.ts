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
  trainingImage: string;
  topic: string;
  /** `arn:<partition>:sagemaker:<region>:<account>` and so on: the beginning of what has names made at run time. */
  sageMaker: string;
  logs: string;
  ec2: string;
  bedrock: string;
  /** Titan, which embeds text. */
  embeddingModel: string;
  clusterName: string;
  dataBuckets: readonly string[];
}

/** The log group that the agent writes figures into. */
export const figuresLog = (clusterName: string): string => `/understudy/${clusterName}/figures`;

/** Where the gateway reads and writes in the store: it talks to strangers, so that it gets no more than it uses. */
export const gatewayPrefixes = {
  read: ['traffic', 'models', 'releases', 'telemetry', 'limits', 'requests', 'shadow', 'summaries'],
  write: ['telemetry', 'limits', 'requests', 'shadow'],
  remove: ['limits'],
} as const;

const below = ({ bucket, prefixes }: { bucket: string; prefixes: readonly string[] }): string[] =>
  prefixes.map((prefix) => `${bucket}/${prefix}/*`);

/** Without it S3 answers 403 for an object that is not there; a condition on the prefix would bring the 403 back. */
const tellsMissing = (id: string, buckets: readonly string[]): Permission => ({
  id,
  actions: ['s3:ListBucket'],
  resources: buckets,
});

const keys = 'keys have names made at run time';

const encryption = (key: string): Permission => ({
  id: 'Encryption',
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: [key],
  because: 'S3, DynamoDB and SNS ask for the key in the name of the caller',
});

const gateway = ({ store, key, summaries, bedrock, embeddingModel }: Arns): Permission[] => [
  {
    id: 'ReadStore',
    actions: ['s3:GetObject'],
    resources: below({ bucket: store, prefixes: gatewayPrefixes.read }),
    because: keys,
  },
  {
    id: 'WriteStore',
    actions: ['s3:PutObject'],
    resources: below({ bucket: store, prefixes: gatewayPrefixes.write }),
    because: keys,
  },
  {
    id: 'RemoveFromStore',
    actions: ['s3:DeleteObject'],
    resources: below({ bucket: store, prefixes: gatewayPrefixes.remove }),
    because: keys,
  },
  tellsMissing('ListStore', [store]),
  encryption(key),
  { id: 'ReadSummaries', actions: ['dynamodb:GetItem'], resources: [summaries] },
  {
    id: 'AskReleases',
    actions: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream', 'bedrock:GetImportedModel'],
    resources: [`${bedrock}:imported-model/*`],
    because: 'releases are imported into Bedrock under ids of its own',
  },
  { id: 'Embed', actions: ['bedrock:InvokeModel'], resources: [embeddingModel] },
];

const worker = ({ store, key, summaries, trainingRole, topic, sageMaker, logs, dataBuckets }: Arns): Permission[] => [
  {
    id: 'Store',
    actions: [
      's3:GetObject',
      's3:GetObjectVersion',
      's3:PutObject',
      's3:DeleteObject',
      // What an upload in parts that failed leaves behind.
      's3:AbortMultipartUpload',
    ],
    resources: [`${store}/*`],
    because: keys,
  },
  tellsMissing('ListStore', [store]),
  ...(dataBuckets.length === 0
    ? []
    : [
        {
          id: 'ReadData',
          actions: ['s3:GetObject'],
          resources: dataBuckets.map((bucket) => `${bucket}/*`),
          because: keys,
        },
        tellsMissing('ListData', dataBuckets),
      ]),
  encryption(key),
  {
    id: 'Summaries',
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
    resources: [summaries],
  },
  {
    id: 'StartTraining',
    actions: ['sagemaker:CreateTrainingJob', 'sagemaker:AddTags'],
    resources: [`${sageMaker}:training-job/*`],
    conditions: { Null: { 'aws:RequestTag/understudy:job': 'false' } },
    because: 'a job is named after its release, and carries our tag from the start, which is the permission AddTags',
  },
  {
    id: 'StopTraining',
    actions: ['sagemaker:StopTrainingJob'],
    resources: [`${sageMaker}:training-job/*`],
    conditions: { Null: { 'aws:ResourceTag/understudy:job': 'false' } },
    because: "a job is named after its release; jobs without our tag are somebody else's",
  },
  {
    id: 'WatchTraining',
    actions: ['sagemaker:DescribeTrainingJob', 'sagemaker:ListTags'],
    resources: [`${sageMaker}:training-job/*`],
    because: 'a job is named after its release; whose a job of that name is shows in its tags alone',
  },
  {
    id: 'TrainUnderRole',
    actions: ['iam:PassRole'],
    resources: [trainingRole],
    conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    because: 'CreateTrainingJob names the role that the job runs under',
  },
  {
    id: 'ReadTrainingLog',
    actions: ['logs:DescribeLogStreams', 'logs:GetLogEvents'],
    resources: [
      `${logs}:log-group:/aws/sagemaker/TrainingJobs`,
      `${logs}:log-group:/aws/sagemaker/TrainingJobs:log-stream:*`,
    ],
    because: 'SageMaker writes all jobs into one group, a stream for each',
  },
  { id: 'Notify', actions: ['sns:Publish'], resources: [topic] },
  {
    id: 'ReadMetrics',
    actions: ['cloudwatch:GetMetricData', 'cloudwatch:ListMetrics'],
    resources: ['*'],
    because: 'CloudWatch knows no resources for reading metrics',
  },
];

/** What a training job may do: SageMaker itself carries data in and out under this role. */
const training = ({ store, models, key, trainingImage, logs, ec2 }: Arns): Permission[] => [
  {
    id: 'ReadData',
    actions: ['s3:GetObject'],
    resources: [`${store}/datasets/*`, `${store}/training/*`, `${models}/*`],
    because: keys,
  },
  {
    id: 'WriteModel',
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resources: [`${store}/training/*`],
    because: keys,
  },
  tellsMissing('ListBuckets', [store, models]),
  encryption(key),
  {
    id: 'PullImage',
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    resources: [trainingImage],
  },
  {
    id: 'SignInToImages',
    actions: ['ecr:GetAuthorizationToken'],
    resources: ['*'],
    because: 'ECR knows no resources for signing in',
  },
  {
    id: 'WriteLog',
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: [
      `${logs}:log-group:/aws/sagemaker/TrainingJobs`,
      `${logs}:log-group:/aws/sagemaker/TrainingJobs:log-stream:*`,
    ],
    because: 'SageMaker writes all jobs into one group, a stream for each',
  },
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
    because: 'SageMaker makes the interfaces of a job as it starts',
  },
];

/** What vLLM's volumes may read, by the CSI driver of S3: weights and adapters, never data of people. */
const volumes = ({ store, models, key }: Arns): Permission[] => [
  {
    id: 'ReadWeights',
    actions: ['s3:GetObject'],
    resources: [`${models}/*`, `${store}/releases/*/adapter/*`],
    because: keys,
  },
  tellsMissing('ListBuckets', [store, models]),
  {
    id: 'Decryption',
    actions: ['kms:Decrypt'],
    resources: [key],
    because: 'S3 asks for the key in the name of the caller',
  },
];

/** The CloudWatch agent: figures travel as lines of one log group, which CloudWatch makes metrics of. */
const monitoring = ({ logs, clusterName }: Arns): Permission[] => [
  {
    id: 'WriteFigures',
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    resources: [
      `${logs}:log-group:${figuresLog(clusterName)}`,
      `${logs}:log-group:${figuresLog(clusterName)}:log-stream:*`,
    ],
    because: 'the agent names its streams',
  },
];

export const permissions = { gateway, worker, training, volumes, monitoring };
