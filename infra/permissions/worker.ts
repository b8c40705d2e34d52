import { bedrockOfWorker } from './bedrock.js';
import { endpointsOfWorker } from './endpoints.js';
import { type Arns, encryption, keys, type Permission, tellsMissing } from './permission.js';

export const worker = (arns: Arns): Permission[] => {
  const { store, key, summaries, trainingRole, importRole, topic, sageMaker, logs, dataBuckets } = arns;
  return [
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
    // Each role to its own service alone.
    {
      id: 'PassTrainingRole',
      actions: ['iam:PassRole'],
      resources: [trainingRole],
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    },
    {
      id: 'PassImportRole',
      actions: ['iam:PassRole'],
      resources: [importRole],
      conditions: { StringEquals: { 'iam:PassedToService': 'bedrock.amazonaws.com' } },
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
    ...bedrockOfWorker(arns),
    ...endpointsOfWorker(arns),
  ];
};
