import { z } from 'zod';
import {
  bucketAddress,
  imageByDigest,
  instanceType,
  isWholeNetwork,
  roleArn,
  texts,
  wholeNetwork,
} from './aws-fields.js';
import { bedrockPlatformSchema } from './bedrock-platform.js';
import { endpointPlatformSchema } from './endpoint-platform.js';
import { durationSchema, milliseconds } from '../domain/spec/quantities.js';

const label = z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]*[A-Za-z0-9])?$/, 'expected a name of Kubernetes');
const count = z.number().int().positive();

/** SageMaker keeps an instance warm for an hour at most (API reference, ResourceConfig). */
const longestKeptMilliseconds = 3_600_000;

const trainingShape = z.strictObject({
  image: imageByDigest,
  roleArn,
  /** Folder of each base model, by the id that specs name. */
  baseModels: z.record(z.string().min(1), bucketAddress),
  /** US dollars an hour by type of instance: without a price no budget can be kept. */
  hourlyPrices: z.record(instanceType, z.number().positive()),
  /** When somebody last held them against AWS's page. */
  pricesEnteredOn: z.iso.date().nullable().default(null),
  kmsKey: z.string().min(1).nullable().default(null),
  subnets: texts,
  securityGroups: texts,
  keepWarm: durationSchema
    .refine((text) => milliseconds(text) <= longestKeptMilliseconds, 'expected 1h at most')
    .default('PT0S')
    .transform((text) => Math.floor(milliseconds(text) / 1000)),
  tags: z.record(z.string(), z.string()).default({}),
});
const trainingSchema = trainingShape.refine(isWholeNetwork, wholeNetwork);

const replicasSchema = z
  .strictObject({
    /** 0 lets the last copy go while nobody asks, which takes `scaling` by KEDA. */
    least: z.number().int().min(0).default(1),
    most: count.default(1),
    waitingTarget: count.default(4),
  })
  .prefault({})
  .refine(({ least, most }) => least <= most, 'expected least <= most');

const scalingSchema = z
  .discriminatedUnion('by', [
    z.strictObject({ by: z.literal('hpa') }),
    z.strictObject({
      by: z.literal('keda'),
      prometheus: z.url({ protocol: /^https?$/ }),
      idle: durationSchema.default('PT30M'),
    }),
  ])
  .default({ by: 'hpa' })
  .transform((scaling) => {
    if (scaling.by === 'hpa') return scaling;
    const { by, prometheus, idle } = scaling;
    return { by, prometheus, idleSeconds: Math.floor(milliseconds(idle) / 1000) };
  });

const poolShape = z.strictObject({
  image: imageByDigest,
  modelPath: z.string().regex(/^[^/].*[^/]$|^[^/]$/, 'expected a folder below the volume of models'),
  claims: z.strictObject({ models: label, store: label }),
  gpus: z
    .strictObject({ resource: label.default('nvidia.com/gpu'), count: z.number().int().min(0).default(1) })
    .prefault({}),
  /** Nodes that one copy of the model lies over, with `gpus` on each. */
  machines: count.default(1),
  requests: z.strictObject({ cpu: z.string().min(1), memory: z.string().min(1) }),
  replicas: replicasSchema,
  scaling: scalingSchema,
  adapters: z
    .strictObject({
      atOnce: count.default(2),
      inMemory: count.default(8),
      rank: count.default(64),
      /** Images that bring an adapter along, each tagged with the digest of its adapter; null loads them at run time. */
      repository: z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]*(?::\d+)?(?:\/[a-z0-9][a-z0-9._-]*)+$/, 'expected a repository without a tag')
        .nullable()
        .default(null),
    })
    .prefault({}),
  maxModelLength: count.default(4096),
  apiKeySecret: label,
  /** Pods of its own for each release, so that routes of a cluster can tell releases apart. */
  apart: z.boolean().default(false),
  nodeSelector: z.record(z.string(), z.string()).default({}),
  tolerations: z
    .array(
      z.strictObject({
        key: label,
        operator: z.enum(['Exists', 'Equal']).default('Exists'),
        value: z.string().exactOptional(),
        effect: z.enum(['NoSchedule', 'NoExecute', 'PreferNoSchedule']).exactOptional(),
      }),
    )
    .default([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]),
});

const poolSchema = poolShape
  .refine(({ replicas, scaling }) => replicas.least > 0 || scaling.by === 'keda', {
    path: ['replicas', 'least'],
    message:
      'expected 1 or more, or scaling: { by: keda, prometheus: <address> }: nothing else wakes a pool that sleeps',
  })
  .refine(({ adapters, apart }) => adapters.repository === null || apart, {
    path: ['apart'],
    message: 'expected true with adapters.repository: an image brings the adapter of one release along',
  });

const routingSchema = z.strictObject({
  /** The gateway of the cluster that takes the requests. */
  gateway: z.strictObject({ name: label, namespace: label, sectionName: label.exactOptional() }),
  /** A model's host is `<model>.<domain>`. */
  domain: z.string().regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'expected a domain such as models.example.com'),
});

/** Where releases are trained and served: SageMaker, and pools of pods in Kubernetes, one for each base model. */
export const platformSchema = z
  .strictObject({
    apiVersion: z.literal('understudy/v1'),
    training: trainingSchema,
    serving: z
      .strictObject({ namespace: label, pools: z.record(z.string().min(1), poolSchema) })
      .prefault({ namespace: 'understudy', pools: {} }),
    /** Serves all releases from Bedrock in place of pods. */
    bedrock: bedrockPlatformSchema.nullable().default(null),
    /** Serves all releases from SageMaker's endpoints in place of pods. */
    endpoints: endpointPlatformSchema.nullable().default(null),
    /** Routes of the Gateway API that show every traffic plan as weights; null where gateways of ours do. */
    routing: routingSchema.nullable().default(null),
  })
  .superRefine(({ serving, routing, bedrock, endpoints }, context) => {
    const onPods = Object.keys(serving.pools).length > 0;
    const places = [onPods, bedrock !== null, endpoints !== null].filter(Boolean).length;
    if (places !== 1 || (!onPods && routing !== null))
      context.addIssue({
        code: 'custom',
        path: ['serving'],
        message: 'expected pools in serving.pools, or bedrock, or endpoints; routing with pools alone',
      });
    if (routing === null) return;
    for (const [base, { apart }] of Object.entries(serving.pools))
      if (!apart)
        context.addIssue({
          code: 'custom',
          path: ['serving', 'pools', base, 'apart'],
          message: 'expected true with routing: a route can tell releases apart by their Service only',
        });
  });
export type Platform = z.output<typeof platformSchema>;

/** Reads a platform file. Throws an `Error` with every problem, its field and what was expected. */
export function readPlatform({ path, content }: { path: string; content: unknown }): Platform {
  const parsed = platformSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || 'the file'}: ${issue.message}`);
  throw new Error(`${path}: ${lines.length} problems\n${lines.join('\n')}`);
}
