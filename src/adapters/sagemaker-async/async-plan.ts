import type { ProductionVariantInstanceType } from '@aws-sdk/client-sagemaker';
import { volumeKey } from '../sagemaker/volume-key.js';
import {
  configName,
  type EndpointPlan,
  hostedModel,
  type Hosting,
  tagsOf,
} from '../sagemaker-endpoint/endpoint-plan.js';
import { nameOf } from '../sagemaker-endpoint/offline-serving.js';
import type { DesiredRelease } from '../vllm-serving/desired-adapters.js';
import { asyncEndpointName, asyncKeys } from './async-address.js';

/** How questions that can wait are answered: instances of the same image and role as for users, while questions wait. */
export interface AsyncHosting {
  /** Null: as for users. */
  instanceType: string | null;
  /** Instances at most, for each release. */
  most: number;
  requestsAtOnce: number;
}

export const asyncVariant = 'release';

/** What stands behind the asynchronous endpoint of a release. */
export function asyncPlan({
  releaseId,
  release,
  hosting,
  queue,
  uriOf,
}: {
  releaseId: string;
  release: DesiredRelease;
  hosting: Hosting;
  queue: AsyncHosting;
  /** The s3:// address of a key of the store, which the role may read. */
  uriOf: (key: string) => string;
}): EndpointPlan {
  const { model } = release;
  const endpoint = asyncEndpointName({ model, name: nameOf({ releaseId, release }) });
  const tags = tagsOf({ model, hosting });
  const container = hostedModel({ ...{ releaseId, release, hosting, uriOf }, named: endpoint });
  const instanceType = queue.instanceType ?? hosting.instanceType;
  const diskKey = volumeKey({ kmsKey: hosting.kmsKey, instanceType });
  const holds = {
    ProductionVariants: [
      {
        ...{ VariantName: asyncVariant, ModelName: container.ModelName },
        InstanceType: instanceType as ProductionVariantInstanceType,
        // It begins with one: it is made because somebody asks.
        ...{ InitialInstanceCount: 1, InitialVariantWeight: 1 },
      },
    ],
    AsyncInferenceConfig: {
      ClientConfig: { MaxConcurrentInvocationsPerInstance: queue.requestsAtOnce },
      OutputConfig: {
        S3OutputPath: uriOf(`${asyncKeys.out(endpoint)}/answers`),
        S3FailurePath: uriOf(`${asyncKeys.out(endpoint)}/failures`),
        ...(hosting.kmsKey === null ? {} : { KmsKeyId: hosting.kmsKey }),
      },
    },
    ...(diskKey === null ? {} : { KmsKeyId: diskKey }),
  };
  return {
    endpoint,
    config: { EndpointConfigName: configName({ endpoint, holds }), ...holds, Tags: tags },
    models: [{ ...container, Tags: tags }],
    tags,
  };
}
