import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { x as extract } from 'tar';
import { PortError, type TrainingResult } from '../../activities/ports.js';
import { collectOutputs } from '../local-trainer/collect.js';
import { readResult } from '../local-trainer/outputs.js';
import type { Attempt } from './attempts.js';
import type { SageMakerTrainerSettings } from './settings.js';

const ordinary: ReadonlySet<string> = new Set(['File', 'OldFile', 'Directory']);

/**
 * Unpacks what a completed attempt has left, checks each file against result.json and copies the adapter into its
 * place. Rejects with `TrainingFailed` where SageMaker calls a job completed that left no model or no result.
 */
export async function collectModel({
  attempt: { name, job },
  settings: { store, keyOf },
  keyPrefix,
}: {
  attempt: Attempt;
  settings: Pick<SageMakerTrainerSettings, 'store' | 'keyOf'>;
  keyPrefix: string;
}): Promise<TrainingResult> {
  const uri = job.ModelArtifacts?.S3ModelArtifacts ?? null;
  const key = uri === null ? null : keyOf(uri);
  if (key === null)
    throw new PortError(
      'TrainingFailed',
      `training job ${name}: its model lies at ${uri ?? 'no place'}, not in the store`,
    );
  const output = await mkdtemp(join(tmpdir(), 'understudy-model-'));
  try {
    const file = await store.localPath({ key }).catch((error: unknown) => {
      const missing = error instanceof PortError && error.type === 'NotFound';
      throw missing
        ? new PortError('TrainingFailed', `training job ${name}: completed without a model at ${uri}`)
        : error;
    });
    await extract({
      file,
      cwd: output,
      strict: true,
      // Links could lead out of the folder, and no adapter has any.
      filter: (_, entry) => 'type' in entry && ordinary.has(entry.type),
    });
    const result = await readResult({ output });
    if (result?.status !== 'completed')
      throw new PortError('TrainingFailed', `training job ${name}: its model holds no result of a completed training`);
    return await collectOutputs({ folder: { output }, result, store, keyPrefix });
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}
