import { type Arns, encryption, keys, type Permission, tellsMissing } from './permission.js';

/** What a training job may do: SageMaker itself carries data in and out under this role. */
export const training = ({ store, models, key, trainingImage, logs, ec2 }: Arns): Permission[] => [
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

/** What Bedrock reads when it imports a release: the merged weights. */
export const modelImport = ({ store, key }: Arns): Permission[] => [
  { id: 'ReadWeights', actions: ['s3:GetObject'], resources: [`${store}/releases/*/merged/*`], because: keys },
  tellsMissing('ListStore', [store]),
  {
    id: 'Decryption',
    actions: ['kms:Decrypt'],
    resources: [key],
    because: 'S3 asks for the key in the name of the caller',
  },
];
