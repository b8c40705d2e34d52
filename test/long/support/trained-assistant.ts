import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildDataset } from '../../../src/activities/dataset-build.js';
import { ExternalSources } from '../../../src/adapters/data-sources/data-sources.js';
import type { RetrievalPlace } from '../../../src/client/retrieval/retrieval-place.js';
import { refKey } from '../../../src/domain/artifact-ref.js';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';
import { modelTools } from '../../contract/support/model-tools.js';

/** What customers asked in general, in the export of the fourth quarter. */
const window = { from: '2026-10-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' };
/** Two epochs of it, at the rate of `understudy.embedded.yaml`. */
const training = { rank: 16, alpha: 32, dropout: 0, learningRate: 1e-3, maxSteps: 60, batchSize: 4, seed: 1 };

/**
 * Trains an adapter of the support assistant as a release would: on chats that hold what the index version finds.
 * @returns the adapter's folder
 */
export async function trainedAssistant({
  place: { store, chunks, openEmbedder, specification },
  indexVersion,
  base,
  directory,
}: {
  place: RetrievalPlace;
  indexVersion: string;
  base: string;
  directory: string;
}): Promise<string> {
  const { refs, manifest } = await buildDataset({
    ...{ store, chunks, openEmbedder, sources: new ExternalSources(), codeCommit: null, pulse: () => undefined },
    ...{ pseudonyms: createPseudonyms({ key: null }), tokenizers: { open: async () => null } },
    ...{ specification: specification.value, window, indexVersion },
  });
  if (manifest.index !== indexVersion) throw new Error(`the rows show ${manifest.index}, expected ${indexVersion}`);
  const outputDir = join(directory, 'trained');
  const config = join(directory, 'training.json');
  const { maxLength } = specification.value.spec.training;
  const trainFile = await store.localPath({ key: refKey(refs.get('train.jsonl')!) });
  const folders = { outputDir, checkpointDir: join(directory, 'checkpoints') };
  await writeFile(config, JSON.stringify({ ...training, ...folders, base, trainFile, maxLength }));
  const { python, script } = await modelTools();
  await promisify(execFile)(python, [script, '--config', config], { maxBuffer: 1 << 24 });
  return join(outputDir, 'adapter');
}
