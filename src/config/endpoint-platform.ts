import { z } from 'zod';
import { imageByDigest, instanceType, isWholeNetwork, roleArn, texts, wholeNetwork } from './aws-fields.js';
import { httpAddress } from './fields.js';

const count = z.number().int().positive();

const waiting = {
  /** Null: as for users. */
  instanceType: instanceType.nullable().default(null),
  /** Instances of each release at most; by batch of each job. */
  most: count.default(1),
};

/** What answers an evaluation in place of the variants of users: asynchronous endpoints, or jobs of batch transform. */
const offlineSchema = z.preprocess(
  (given) => (typeof given === 'object' && given !== null && !('by' in given) ? { by: 'endpoints', ...given } : given),
  z.discriminatedUnion('by', [
    /** They have instances only while questions wait. */
    z.strictObject({ by: z.literal('endpoints'), ...waiting, requestsAtOnce: count.default(8) }),
    z.strictObject({
      by: z.literal('batch'),
      ...waiting,
      /** SageMaker takes 100 MB at once on an instance, and at least 1 MB of each question. */
      requestsAtOnce: count.max(100, 'expected 100 at most').default(8),
      /** The machine image of instances with a GPU, for its driver; null: SageMaker's own choice. */
      ami: z.string().min(1).nullable().default('al2-ami-sagemaker-batch-gpu-535'),
    }),
  ]),
);
export type OfflinePlatform = z.output<typeof offlineSchema>;

const shape = z.strictObject({
  /** An image with vLLM's entry point for SageMaker, by digest. */
  image: imageByDigest,
  /** Under which endpoints read base models and adapters. */
  roleArn,
  instanceType,
  /** Of each release; with `least` below `most` it is scaled to `invocationsTarget` requests a minute and instance. */
  instances: z
    .strictObject({ least: count.default(1), most: count.default(1), invocationsTarget: count.default(60) })
    .prefault({})
    .refine(({ least, most }) => least <= most, 'expected least <= most'),
  maxLoraRank: count.default(64),
  /** Where `sagemaker-bridge` listens, for gateways and workers. */
  bridge: httpAddress,
  /** Evaluations ask apart from the variants of users; null: those. */
  offline: offlineSchema.nullable().default(null),
  /** Plans are shown as weights of variants too, for those that ask an endpoint and name no variant. */
  weights: z.boolean().default(false),
  kmsKey: z.string().min(1).nullable().default(null),
  subnets: texts,
  securityGroups: texts,
  tags: z.record(z.string(), z.string()).default({}),
});

/** Releases behind SageMaker's real-time endpoints, in place of pools of pods. */
export const endpointPlatformSchema = shape.refine(isWholeNetwork, wholeNetwork);
export type EndpointPlatform = z.output<typeof endpointPlatformSchema>;
