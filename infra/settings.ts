import { z } from 'zod';

const lowercaseName = z.string().regex(/^[a-z][a-z0-9-]{1,20}$/, 'expected 2 to 21 lower-case letters, digits or "-"');
const range = z
  .string()
  .regex(/^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/, 'expected a range of addresses such as 10.40.0.0/16');
const roleArn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'expected the ARN of a role');
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected a digest, sha256:<64 digits>');
const imageByDigest = z.string().regex(/@sha256:[0-9a-f]{64}$/, 'expected an image by its digest');
const ecrImage = z
  .string()
  .regex(
    /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/[^@\s]+@sha256:[0-9a-f]{64}$/,
    'expected an image of ECR by its digest',
  );
const count = z.number().int().positive();
const replicas = z
  .strictObject({ least: count, most: count })
  .refine(({ least, most }) => least <= most, 'expected least <= most');

/**
 * Where Temporal is: a namespace of Temporal Cloud, or a server of one's own in the cluster, on PostgreSQL (RDS), by the
 * chart of infra/helm.
 */
const temporalSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cloud'),
    address: z.string().regex(/^[^\s:/]+:\d{1,5}$/, 'expected host:port'),
    namespace: z.string().min(1),
  }),
  z.strictObject({ kind: z.literal('cluster'), databaseClass: z.string().default('m7g.large') }),
]);

/** One installation on AWS: what differs between two teams, in one file. Everything else is in the code of `infra`. */
export const settingsSchema = z
  .strictObject({
    name: lowercaseName.default('understudy'),
    account: z.string().regex(/^\d{12}$/, 'expected the 12 digits of an account, in quotes'),
    region: z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, 'expected a region such as eu-central-1'),
    /** Named, so that nothing has to be looked up: `cdk synth` works without an account. */
    zones: z.array(z.string().min(1)).min(2).max(3),
    cidr: range.default('10.40.0.0/16'),
    natGateways: count.default(1),
    kubernetes: z.strictObject({
      version: z.string().regex(/^1\.\d{2}$/, "expected a version such as '1.34', in quotes"),
      administrators: z.array(roleArn).min(1),
      /** Who may reach the API server from outside the network; none: nobody. */
      apiFrom: z.array(range).default([]),
    }),
    /** Nodes for the pods that serve; null with `endpoints`. */
    gpus: z
      .strictObject({ instanceTypes: z.array(z.string().min(1)).min(1), nodes: count })
      .nullable()
      .default(null),
    /** SageMaker's endpoints serve in place of pods; the fields are those of the platform file (docs/aws.md). */
    endpoints: z
      .strictObject({
        image: ecrImage,
        instanceType: z.string().regex(/^ml\./, 'expected a type such as ml.g5.2xlarge'),
        instances: z
          .strictObject({ least: count.default(1), most: count.default(1), invocationsTarget: count.default(60) })
          .prefault({}),
        offline: z
          .strictObject({
            by: z.enum(['endpoints', 'batch']).default('endpoints'),
            instanceType: z.string().nullable().default(null),
            most: count.default(1),
          })
          .nullable()
          .default(null),
        weights: z.boolean().default(false),
      })
      .nullable()
      .default(null),
    temporal: temporalSchema,
    encryptPayloads: z.boolean().default(true),
    judge: z.strictObject({ baseUrl: z.url() }).nullable().default(null),
    /** Who is told of alarms; each confirms by a link that SNS sends. */
    alarms: z.array(z.email()).default([]),
    images: z.strictObject({
      gateway: digest,
      worker: digest,
      training: digest,
      mlflow: digest,
      vllm: imageByDigest,
      cloudWatchAgent: imageByDigest,
    }),
    gateway: replicas.default({ least: 2, most: 6 }),
    worker: replicas.default({ least: 2, most: 4 }),
    training: z.strictObject({
      /** US dollars an hour by type of instance, yours. */
      hourlyPrices: z.record(z.string().regex(/^ml\./), z.number().positive()),
      /** When somebody last held them against AWS's page. */
      pricesEnteredOn: z.iso.date().nullable().default(null),
      tags: z.record(z.string(), z.string()).default({}),
    }),
    /** Buckets of your own that specs read data from. */
    dataBuckets: z.array(z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)).default([]),
    /** How each base model is served; its weights lie in the bucket of models, below `modelPath`. */
    bases: z.record(
      z.string().min(1),
      z.strictObject({
        modelPath: z.string().min(1),
        gpus: count.default(1),
        requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
        replicas: count.default(2),
      }),
    ),
  })
  .refine(({ zones, natGateways }) => natGateways <= zones.length, {
    path: ['natGateways'],
    message: 'expected at most one a zone',
  })
  .refine(({ gpus, endpoints }) => (gpus === null) !== (endpoints === null), {
    path: ['gpus'],
    message: 'expected gpus, for pods that serve, or endpoints, for SageMaker; never both',
  })
  .refine(({ gpus, bases }) => gpus === null || gpus.nodes >= neededNodes(Object.values(bases)), {
    path: ['gpus', 'nodes'],
    message:
      'expected a node for each replica of each base and one more, on which a new pod starts before an old one ends',
  });
export type Settings = z.output<typeof settingsSchema>;

const neededNodes = (bases: readonly { replicas: number }[]): number =>
  bases.reduce((sum, { replicas }) => sum + replicas, 0) + 1;

/** Reads a settings file. Throws an `Error` with every problem, its field and what was expected. */
export function readSettings({ path, content }: { path: string; content: unknown }): Settings {
  return parsed({ schema: settingsSchema, path, content });
}

/** What the stacks have made, as `cdk deploy --outputs-file` writes it: an object of stack to outputs. */
const outputsSchema = z.object({
  StoreBucket: z.string().min(1),
  ModelsBucket: z.string().min(1),
  KeyArn: z.string().min(1),
  SummariesTable: z.string().min(1),
  TrainingRoleArn: z.string().min(1),
  ModelImportRoleArn: z.string().min(1),
  /** Of SageMaker's endpoints, where they serve. */
  ServingRoleArn: z.string().min(1).optional(),
  TrainingSubnets: z
    .string()
    .min(1)
    .transform((text) => text.split(',')),
  TrainingSecurityGroup: z.string().min(1),
  GatewayTargetGroupArn: z.string().min(1),
  LoadBalancerRanges: z
    .string()
    .min(1)
    .transform((text) => text.split(',')),
  NotificationTopicArn: z.string().min(1),
  /** Where callers ask. */
  Address: z.string().min(1),
  /** Of a Temporal of one's own. */
  DatabaseAddress: z.string().min(1).optional(),
  DatabaseSecretArn: z.string().min(1).optional(),
});
export type Outputs = z.output<typeof outputsSchema>;
export const outputNames = Object.keys(outputsSchema.shape) as (keyof Outputs)[];

/** Reads the file of outputs. Throws an `Error` with every output that is missing. */
export function readOutputs({ path, content }: { path: string; content: unknown }): Outputs {
  const stacks = parsed({ schema: z.record(z.string(), z.record(z.string(), z.string())), path, content });
  return parsed({ schema: outputsSchema, path, content: Object.assign({}, ...Object.values(stacks)) as unknown });
}

/** What a file holds, by its schema. Throws an `Error` with every problem, its field and what was expected. */
export function parsed<Schema extends z.ZodType>({
  schema,
  path,
  content,
}: {
  schema: Schema;
  path: string;
  content: unknown;
}): z.output<Schema> {
  const read = schema.safeParse(content);
  if (read.success) return read.data;
  const lines = read.error.issues.map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new Error(`${path}: ${lines.length} problems\n${lines.join('\n')}`);
}
