import { type Arns, keys, type Permission, tellsMissing } from './permission.js';

const named = 'endpoints and what stands behind them are named after their model or release';
const ours = { Null: { 'aws:ResourceTag/understudy:model': 'false' } };

/** Who speaks OpenAI's protocol for gateways and workers asks, and does nothing else. */
export const bridge = ({ sageMaker, serving }: Arns): Permission[] =>
  serving === null
    ? []
    : [
        {
          id: 'AskEndpoints',
          actions: ['sagemaker:InvokeEndpoint', 'sagemaker:InvokeEndpointWithResponseStream'],
          resources: [`${sageMaker}:endpoint/*`],
          conditions: ours,
          because: named,
        },
      ];

/** Releases behind SageMaker's endpoints; nothing where pods serve. */
export const endpointsOfWorker = ({ sageMaker, cloudWatch, logs, models, serving }: Arns): Permission[] => {
  if (serving === null) return [];
  const kinds = ['model', 'endpoint-config', 'endpoint'];
  const resources = kinds.map((kind) => `${sageMaker}:${kind}/*`);
  return [
    {
      id: 'HostReleases',
      actions: [
        'sagemaker:CreateModel',
        'sagemaker:CreateEndpointConfig',
        'sagemaker:CreateEndpoint',
        'sagemaker:AddTags',
      ],
      resources,
      conditions: { Null: { 'aws:RequestTag/understudy:model': 'false' } },
      because: `${named}, and carry our tag from the start, which is the permission AddTags`,
    },
    {
      id: 'ChangeEndpoints',
      actions: [
        'sagemaker:UpdateEndpoint',
        'sagemaker:UpdateEndpointWeightsAndCapacities',
        'sagemaker:DeleteEndpoint',
        'sagemaker:DeleteEndpointConfig',
        'sagemaker:DeleteModel',
      ],
      resources,
      conditions: ours,
      because: `${named}; those without our tag are somebody else's`,
    },
    {
      id: 'WatchEndpoints',
      actions: ['sagemaker:DescribeEndpoint', 'sagemaker:DescribeEndpointConfig', 'sagemaker:ListTags'],
      resources,
      because: `${named}; whose one of that name is shows in its tags alone`,
    },
    {
      id: 'ListEndpointConfigs',
      actions: ['sagemaker:ListEndpointConfigs'],
      resources: ['*'],
      because: 'SageMaker knows no resources for lists',
    },
    {
      id: 'AskEndpoints',
      actions: ['sagemaker:InvokeEndpoint', 'sagemaker:InvokeEndpointAsync'],
      resources: [`${sageMaker}:endpoint/*`],
      conditions: ours,
      because: named,
    },
    {
      id: 'StartTransforms',
      actions: ['sagemaker:CreateTransformJob', 'sagemaker:AddTags'],
      resources: [`${sageMaker}:transform-job/*`],
      conditions: { Null: { 'aws:RequestTag/understudy:model': 'false' } },
      because: 'a job is named after its release, and carries our tag from the start, which is the permission AddTags',
    },
    {
      id: 'StopTransforms',
      actions: ['sagemaker:StopTransformJob'],
      resources: [`${sageMaker}:transform-job/*`],
      conditions: ours,
      because: "a job is named after its release; jobs without our tag are somebody else's",
    },
    {
      id: 'WatchTransforms',
      actions: ['sagemaker:DescribeTransformJob', 'sagemaker:ListTags'],
      resources: [`${sageMaker}:transform-job/*`],
      because: 'a job is named after its release; whose a job of that name is shows in its tags alone',
    },
    {
      id: 'ReadTransformLog',
      actions: ['logs:DescribeLogStreams', 'logs:GetLogEvents'],
      resources: [
        `${logs}:log-group:/aws/sagemaker/TransformJobs`,
        `${logs}:log-group:/aws/sagemaker/TransformJobs:log-stream:*`,
      ],
      because: 'SageMaker writes all jobs into one group, a stream for each instance',
    },
    { id: 'PackBases', actions: ['s3:GetObject'], resources: [`${models}/*`], because: keys },
    tellsMissing('ListBases', [models]),
    {
      id: 'ScaleVariants',
      actions: [
        'application-autoscaling:RegisterScalableTarget',
        'application-autoscaling:PutScalingPolicy',
        'application-autoscaling:DeregisterScalableTarget',
      ],
      resources: [`${sageMaker.replace(':sagemaker:', ':application-autoscaling:')}:scalable-target/*`],
      conditions: { StringEquals: { 'application-autoscaling:service-namespace': 'sagemaker' } },
      because: 'Application Auto Scaling gives targets ids of its own',
    },
    {
      id: 'BeginScaling',
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [serving.scalingRole],
      conditions: { StringEquals: { 'iam:AWSServiceName': 'sagemaker.application-autoscaling.amazonaws.com' } },
      because: 'AWS makes this one role of its own in an account with the first target that is scaled',
    },
    {
      id: 'WakeEndpoints',
      actions: ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
      resources: [`${cloudWatch}:alarm:understudy-*-waiting`],
      because: 'an alarm has the name of its endpoint',
    },
    {
      id: 'PassServingRole',
      actions: ['iam:PassRole'],
      resources: [serving.role],
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    },
  ];
};
