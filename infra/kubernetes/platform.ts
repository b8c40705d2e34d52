import { type Platform, readPlatform } from '../../src/config/platform.js';
import { bridgePort } from '../limits.js';
import { workloadsNamespace } from '../names.js';
import type { Settings } from '../settings.js';
import { gpuLabels } from './nodes.js';
import { imageOf, type Installation } from './parts.js';
import { vllmSecret } from './secrets.js';
import { modelsClaim, storeClaim } from './storage.js';

/** The platform file of the workers, as src/config reads it. Throws where the settings make none. */
export function platformOf({ settings, outputs }: Installation): Platform {
  const content = {
    apiVersion: 'understudy/v1',
    training: {
      image: imageOf({ settings, name: 'training' }),
      roleArn: outputs.TrainingRoleArn,
      baseModels: Object.fromEntries(
        Object.entries(settings.bases).map(([id, { modelPath }]) => [id, `s3://${outputs.ModelsBucket}/${modelPath}/`]),
      ),
      hourlyPrices: settings.training.hourlyPrices,
      pricesEnteredOn: settings.training.pricesEnteredOn,
      kmsKey: outputs.KeyArn,
      subnets: outputs.TrainingSubnets,
      securityGroups: [outputs.TrainingSecurityGroup],
      tags: settings.training.tags,
    },
    ...(settings.endpoints === null
      ? { serving: podsOf(settings) }
      : { endpoints: endpointsOf({ settings, outputs }) }),
  };
  readPlatform({ path: 'the platform file made of the settings', content });
  return content as unknown as Platform;
}

const podsOf = (settings: Settings) => ({
  namespace: workloadsNamespace,
  pools: Object.fromEntries(
    Object.entries(settings.bases).map(([id, { modelPath, gpus, requests, replicas }]) => [
      id,
      {
        image: settings.images.vllm,
        modelPath,
        claims: { models: modelsClaim, store: storeClaim },
        gpus: { count: gpus },
        requests,
        replicas: { least: replicas, most: replicas },
        apiKeySecret: vllmSecret,
        nodeSelector: gpuLabels,
      },
    ]),
  ),
});

/** Endpoints in the network of the installation, under the role that the stacks made. */
function endpointsOf({ settings: { endpoints, training }, outputs }: Installation) {
  if (outputs.ServingRoleArn === undefined)
    throw new Error('outputs: ServingRoleArn is missing; deploy the stacks with `endpoints` first');
  return {
    ...endpoints,
    roleArn: outputs.ServingRoleArn,
    bridge: `http://bridge:${bridgePort}`,
    kmsKey: outputs.KeyArn,
    subnets: outputs.TrainingSubnets,
    securityGroups: [outputs.TrainingSecurityGroup],
    tags: training.tags,
  };
}
