import { join } from 'node:path';
import { type ArtifactStore, PortError, type TrainingResult } from '../../activities/ports.js';
import { type AdapterFile, adapterManifest, manifestKey } from '../adapter-manifest.js';
import { digestFile, fileError } from '../directory-store/atomic-files.js';
import type { JobFolder } from './job-folder.js';
import type { JobResult } from './outputs.js';

const adapterFolder = 'adapter/';

/** Checks every file that a result names and copies the adapter's files into the store, the manifest last. */
export async function collectOutputs({
  folder,
  result,
  store,
  keyPrefix,
}: {
  folder: Pick<JobFolder, 'output'>;
  result: JobResult;
  store: ArtifactStore;
  keyPrefix: string;
}): Promise<TrainingResult> {
  for (const file of result.files) await verify({ folder, file });
  const prefix = keyPrefix.replace(/\/$/, '');
  const files: AdapterFile[] = [];
  for (const { path, sha256, bytes } of result.files.filter((file) => file.path.startsWith(adapterFolder))) {
    const name = path.slice(adapterFolder.length);
    const key = `${prefix}/${name}`;
    const ref = await store.putFile({ key, path: join(folder.output, path) });
    if (ref.sha256 !== sha256) throw mismatch({ path: key, expected: sha256, found: ref.sha256 });
    files.push({ name, sha256, bytes });
  }
  if (files.length === 0)
    throw new PortError('InvalidInput', `${folder.output}/result.json: names no file below ${adapterFolder}`);
  const adapter = await store.put({ key: manifestKey(prefix), body: adapterManifest(files) });
  return {
    adapter,
    files: files.map(({ name }) => `${prefix}/${name}`),
    // Names of their own, so that they don't join the curves of the steps.
    metrics: {
      trainingSteps: result.steps,
      ...(result.trainLoss === null ? {} : { finalTrainLoss: result.trainLoss }),
      ...(result.validationLoss === null ? {} : { finalValidationLoss: result.validationLoss }),
      ...preferenceMetrics(result),
    },
    rows: result.rows,
    truncatedRows: result.truncated,
    seconds: result.seconds,
    costUsd: 0,
  };
}

function preferenceMetrics({ preferences }: JobResult): Record<string, number> {
  const named = {
    finalPreferenceLoss: preferences?.loss,
    finalPreferenceMargin: preferences?.margin,
    finalPreferenceAccuracy: preferences?.accuracy,
  };
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value == null ? [] : [[name, value]])));
}

async function verify({
  folder,
  file,
}: {
  folder: Pick<JobFolder, 'output'>;
  file: JobResult['files'][number];
}): Promise<void> {
  const path = join(folder.output, file.path);
  const found = await digestFile(path).catch((error: unknown) => {
    throw fileError({ error, what: `checking ${path}` });
  });
  if (found.sha256 !== file.sha256) throw mismatch({ path, expected: file.sha256, found: found.sha256 });
}

const mismatch = ({ path, expected, found }: { path: string; expected: string; found: string }): PortError =>
  new PortError('DigestMismatch', `${path}: sha256 ${found}, expected ${expected}; train again`);
