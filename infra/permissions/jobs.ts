import {
  type Arns,
  encryption,
  joinNetwork,
  keys,
  type Permission,
  pullImage,
  tellsMissing,
  tellWhatHappens,
  volumeGrant,
} from './permission.js';

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
  volumeGrant(key),
  ...pullImage(trainingImage),
  ...tellWhatHappens({
    logs,
    groups: ['/aws/sagemaker/TrainingJobs'],
    namespaces: ['/aws/sagemaker/TrainingJobs'],
  }),
  ...joinNetwork(ec2),
];

/** What SageMaker's endpoints and transform jobs may do: read weights, and lay down answers that could wait. Nothing of what people wrote. */
export const serving = ({ store, models, key, serving: hosted, logs, ec2 }: Arns): Permission[] =>
  hosted === null
    ? []
    : [
        {
          id: 'ReadWeights',
          actions: ['s3:GetObject'],
          resources: [`${models}/*`, `${store}/releases/*/adapter/*`, `${store}/archives/*`],
          because: keys,
        },
        {
          id: 'ReadQuestions',
          actions: ['s3:GetObject'],
          resources: [`${store}/offline/*/questions/*`],
          because: keys,
        },
        {
          id: 'WriteAnswers',
          actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
          resources: [`${store}/offline/*/out/*`],
          because: keys,
        },
        tellsMissing('ListBuckets', [store, models]),
        encryption(key),
        volumeGrant(key),
        ...pullImage(hosted.image),
        ...tellWhatHappens({
          logs,
          groups: ['/aws/sagemaker/Endpoints/*', '/aws/sagemaker/TransformJobs'],
          namespaces: ['/aws/sagemaker/Endpoints', '/aws/sagemaker/TransformJobs'],
        }),
        ...joinNetwork(ec2),
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
