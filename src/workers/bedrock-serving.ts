import { fileURLToPath } from 'node:url';
import type { ArtifactStore, ServingPlatform } from '../activities/ports.js';
import { BedrockChat } from '../adapters/bedrock/bedrock-chat.js';
import { BedrockServing } from '../adapters/bedrock/bedrock-serving.js';
import { bedrockClients } from '../adapters/bedrock/clients.js';
import { MergedWeights } from '../adapters/bedrock/merged-weights.js';
import type { BedrockPlatform } from '../config/bedrock-platform.js';
import { trainingEnvironment } from '../config/training-environment.js';
import type { WorkerSettings } from '../config/worker-settings.js';

/** A look at a release may not take longer than activities go without a heartbeat. */
const questionMilliseconds = 5_000;

/**
 * Releases as models imported into Bedrock. Base and adapter are merged on this machine, by the model environment.
 * @throws Error where there is no such environment, or no base model
 */
export function bedrockServing({
  bedrock,
  settings: { python, baseModels },
  store,
  uriOf,
}: {
  bedrock: BedrockPlatform;
  settings: Pick<WorkerSettings, 'python' | 'baseModels'>;
  store: ArtifactStore;
  uriOf: (key: string) => string;
}): ServingPlatform {
  if (python === null || Object.keys(baseModels).length === 0)
    throw new Error(
      'platform.bedrock merges adapters here: set UNDERSTUDY_PYTHON to the Python of the model environment and UNDERSTUDY_BASE_MODELS to the folders of the bases',
    );
  const script = fileURLToPath(new URL('../../training/merge.py', import.meta.url));
  return new BedrockServing({
    ...bedrock,
    client: bedrockClients(bedrock.region).control,
    store,
    uriOf,
    merged: new MergedWeights({ store, python, script, baseModels, environment: trainingEnvironment() }),
    chat: new BedrockChat({ timeoutMilliseconds: questionMilliseconds }),
  });
}
