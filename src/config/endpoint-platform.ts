import { z } from 'zod';
import { imageByDigest, instanceType, isWholeNetwork, roleArn, texts, wholeNetwork } from './aws-fields.js';
import { httpAddress } from './fields.js';

const count = z.number().int().positive();

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
  /**
   * Evaluations ask asynchronous endpoints, which have instances only while questions wait, in place of the variants of
   * users; null: those.
   */
  offline: z
    .strictObject({
      /** Null: as for users. */
      instanceType: instanceType.nullable().default(null),
      /** Instances of each release at most. */
      most: count.default(1),
      requestsAtOnce: count.default(8),
    })
    .nullable()
    .default(null),
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
