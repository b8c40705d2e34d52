import { createHash } from 'node:crypto';
import type {
  CreateEndpointConfigInput,
  CreateModelInput,
  ProductionVariantInstanceType,
} from '@aws-sdk/client-sagemaker';
import { refKey } from '../../domain/artifact-ref.js';
import { shortName } from '../sagemaker/job-name.js';
import { volumeKey } from '../sagemaker/volume-key.js';
import type { DesiredRelease } from '../vllm-serving/desired-adapters.js';

/** How releases are hosted: one endpoint for each model, one variant for each release. */
export interface Hosting {
  /** An image with vLLM's entry point for SageMaker, which takes its options as `SM_VLLM_...`. */
  image: string;
  roleArn: string;
  /** The s3:// folder of each base model, by its id. */
  baseModels: Readonly<Record<string, string>>;
  instanceType: string;
  /** With `least` below `most` a variant is scaled to `invocationsTarget` requests a minute for each instance. */
  instances: { least: number; most: number; invocationsTarget: number };
  maxLoraRank: number;
  kmsKey: string | null;
  subnets: readonly string[];
  securityGroups: readonly string[];
  tags: Readonly<Record<string, string>>;
}

/** Says whose an endpoint is. */
export const modelTag = 'understudy:model';
const adapterChannel = 'adapter';

export const endpointName = (model: string): string => shortName({ text: `understudy ${model}` });
export const variantName = (releaseId: string): string => shortName({ text: releaseId });

/** Stands in the names of all configurations of an endpoint and of no other. */
export const configMark = (endpoint: string): string => shortName({ text: endpoint }).slice(-9);

/** What stands behind an endpoint that serves some releases of a model. */
export interface EndpointPlan {
  endpoint: string;
  /** Named by what it holds, so that the same releases have the same configuration. */
  config: CreateEndpointConfigInput & { EndpointConfigName: string };
  models: CreateModelInput[];
  tags: { Key: string; Value: string }[];
}

export function endpointPlan({
  model,
  releases,
  hosting,
  uriOf,
}: {
  model: string;
  releases: readonly (readonly [releaseId: string, release: DesiredRelease])[];
  hosting: Hosting;
  /** The s3:// address of a key of the store, which the role may read. */
  uriOf: (key: string) => string;
}): EndpointPlan {
  const tags = tagsOf({ model, hosting });
  const endpoint = endpointName(model);
  const diskKey = volumeKey(hosting);
  const models = releases.map(([releaseId, release]) => ({
    ...hostedModel({ releaseId, release, hosting, uriOf }),
    Tags: tags,
  }));
  const variants = releases.map(([releaseId], at) => ({
    VariantName: variantName(releaseId),
    ModelName: models[at]!.ModelName,
    InstanceType: hosting.instanceType as ProductionVariantInstanceType,
    InitialInstanceCount: hosting.instances.least,
    // A release that joins others has no share until a plan gives it one; those that are there keep theirs.
    InitialVariantWeight: releases.length === 1 ? 1 : 0,
  }));
  return {
    endpoint,
    config: {
      EndpointConfigName: configName({ endpoint, holds: [variants, diskKey] }),
      ProductionVariants: variants,
      ...(diskKey === null ? {} : { KmsKeyId: diskKey }),
      Tags: tags,
    },
    models,
    tags,
  };
}

/** What says whose everything behind an endpoint is. */
export const tagsOf = ({ model, hosting }: { model: string; hosting: Pick<Hosting, 'tags'> }) => [
  ...Object.entries(hosting.tags).map(([Key, Value]) => ({ Key, Value })),
  { Key: modelTag, Value: model },
];

/** The name of a configuration, by what it holds. */
export function configName({ endpoint, holds }: { endpoint: string; holds: unknown }): string {
  const digest = createHash('sha256').update(JSON.stringify(holds)).digest('hex').slice(0, 8);
  return shortName({ text: endpoint, suffix: `-${digest}` });
}

/**
 * A base with the adapter of a release, which answers to the release's id. The name, `named` as a rule the release's id,
 * changes with what is served, as a model of SageMaker can't be changed.
 */
export function hostedModel({
  releaseId,
  named = releaseId,
  release: { base, adapter },
  hosting,
  uriOf,
}: {
  releaseId: string;
  named?: string;
  release: DesiredRelease;
  hosting: Hosting;
  uriOf: (key: string) => string;
}): CreateModelInput & { ModelName: string } {
  const { image, roleArn, baseModels, maxLoraRank } = hosting;
  const suffix = `-${(adapter?.sha256 ?? 'base').slice(0, 8)}`;
  const folder = adapter === null ? null : uriOf(refKey(adapter).replace(/[^/]+$/, ''));
  return {
    ModelName: shortName({ text: named, suffix }),
    ExecutionRoleArn: roleArn,
    PrimaryContainer: {
      Image: image,
      ModelDataSource: { S3DataSource: folderOf(baseModels[base]!) },
      ...(folder === null
        ? {}
        : { AdditionalModelDataSources: [{ ChannelName: adapterChannel, S3DataSource: folderOf(folder) }] }),
      Environment: vllmOptions({
        ...{ base, maxLoraRank, path: '/opt/ml/model' },
        adapter:
          folder === null ? null : { name: releaseId, path: `/opt/ml/additional-model-data-sources/${adapterChannel}` },
      }),
    },
    ...isolation(hosting),
  };
}

/** What vLLM's entry point for SageMaker is told: which weights it serves, and under which names. */
export const vllmOptions = ({
  base,
  path,
  adapter,
  maxLoraRank,
}: {
  base: string;
  path: string;
  adapter: { name: string; path: string } | null;
  maxLoraRank: number;
}): Record<string, string> => ({
  SM_VLLM_MODEL: path,
  SM_VLLM_SERVED_MODEL_NAME: base,
  ...(adapter === null
    ? {}
    : {
        // An option without a value is a switch.
        SM_VLLM_ENABLE_LORA: '',
        SM_VLLM_MAX_LORA_RANK: String(maxLoraRank),
        SM_VLLM_LORA_MODULES: `${adapter.name}=${adapter.path}`,
      }),
});

/** Where containers of a model run: without a network of their own, in the subnets that are set. */
export const isolation = ({ subnets, securityGroups }: Pick<Hosting, 'subnets' | 'securityGroups'>) => ({
  EnableNetworkIsolation: true,
  ...(subnets.length > 0 ? { VpcConfig: { Subnets: [...subnets], SecurityGroupIds: [...securityGroups] } } : {}),
});

const folderOf = (uri: string) => ({
  S3Uri: uri,
  S3DataType: 'S3Prefix' as const,
  CompressionType: 'None' as const,
});
