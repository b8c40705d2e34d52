import type { Gathered } from '../contracts/recording.js';
import type { EvaluationResult, ReleaseInput, RolloutResult } from '../contracts/release.js';
import { storeKeys } from '../contracts/store-keys.js';
import type { ArtifactRef } from '../domain/artifact-ref.js';
import { evidenceDigestOf } from '../domain/evaluation/evidence-digest.js';
import { readSteps, readTrip } from './canary-evidence.js';
import { readManifest } from './dataset-publishing.js';
import { evidenceSchema, type Evidence } from './evidence-file.js';
import { loadEvidenceSchema } from './load/run-load.js';
import { PortError, type Ports } from './ports.js';
import { readShadow } from './shadow/shadow-evidence.js';
import { parsed } from './stored-json.js';

type Store = Ports['store'];

/** What of a release its record can name still. */
export interface LeftByLost {
  gathered: Gathered;
  /** The version of the retrieval index that it was evaluated with; null where nobody knows, or there was none. */
  indexVersion: string | null;
}

/** What nobody can read is as unknown as what is gone: the cleaning must not wait for it. */
const orUnknown = <Read>(read: Promise<Read>): Promise<Read | null> =>
  read.catch((error: unknown) => {
    if (error instanceof PortError && error.retryable) throw error;
    return null;
  });

/** What a release whose workflow is gone serves with: the candidate's adapter, or what its own training has stored. */
export async function adapterOfLost({
  store,
  input: { releaseId, candidate },
}: {
  store: Store;
  input: ReleaseInput;
}): Promise<ArtifactRef | null> {
  if (candidate) return candidate.adapter;
  const manifest = await store.get({ key: storeKeys.release({ releaseId, file: 'adapter/adapter-files.json' }) });
  return manifest?.ref ?? null;
}

async function evaluationOf({ store, releaseId }: { store: Store; releaseId: string }) {
  const key = storeKeys.release({ releaseId, file: 'evaluation/evidence.json' });
  const stored = await store.get({ key });
  if (!stored) return null;
  const evidence: Evidence = parsed({ name: key, body: stored.body, schema: evidenceSchema });
  const { verdict, verdicts } = evidence;
  const evaluated: EvaluationResult = {
    ...{ verdict, verdicts, evidence: stored.ref },
    evidenceDigest: evidenceDigestOf(evidence),
  };
  return { evaluated, inputs: evidence.inputs };
}

async function datasetOf({ store, model, digest }: { store: Store; model: string; digest: string }) {
  const { manifest, ref } = await readManifest({ store, name: model, digest });
  const { name, counts } = manifest;
  const { read, published: rows, deadLettered } = counts;
  return { name, digest, read, rows, deadLettered, manifest: ref };
}

async function loadVerdictsOf({ store, releaseId }: { store: Store; releaseId: string }) {
  const key = storeKeys.release({ releaseId, file: 'load/evidence.json' });
  const stored = await store.get({ key });
  if (!stored) return [];
  const { verdicts } = parsed({ name: key, body: stored.body, schema: loadEvidenceSchema });
  return verdicts.map((one) => ({ ...one, evidence: stored.ref }));
}

/** What the stages of its rollout were last judged by; null where none has left anything. */
async function rolloutOf({ store, releaseId }: { store: Store; releaseId: string }): Promise<RolloutResult | null> {
  const load = await orUnknown(loadVerdictsOf({ store, releaseId }));
  const shadow = await orUnknown(readShadow({ store, releaseId }));
  const steps = await orUnknown(readSteps({ store, releaseId }));
  const trip = await orUnknown(readTrip({ store, releaseId }));
  const verdicts = [
    ...(load ?? []),
    ...(shadow?.verdicts ?? []),
    ...(steps ?? []).flatMap((step) => step.verdicts),
    ...(trip?.verdicts ?? []),
  ];
  const shadowUsd = shadow?.judge?.spentUsd ?? 0;
  if (verdicts.length === 0 && shadowUsd === 0) return null;
  return {
    ...{ outcome: 'failed', stage: 'ended', reasons: [], approvals: [], withdrawnAt: null, timeline: [], verdicts },
    ...(shadowUsd > 0 && { costUsd: { shadow: shadowUsd } }),
  };
}

/**
 * What can still be learned of a release whose workflow is gone: what stands in the store and the registry in its name.
 * Its version may be asked for by name, so that its record has to say what that serves with. How it was trained and who
 * approved it, only the workflow knew; the audit log has the answers.
 * @throws PortError where the store or the registry can't be asked now.
 */
export async function gatherLost({
  store,
  registry,
  input,
}: Pick<Ports, 'store' | 'registry'> & { input: ReleaseInput }): Promise<LeftByLost> {
  const { model, releaseId } = input;
  const found = await orUnknown(evaluationOf({ store, releaseId }));
  const digest = found?.inputs['dataset'] ?? null;
  return {
    gathered: {
      ...{ training: null, target: null, evaluated: found?.evaluated ?? null },
      dataset: digest === null ? null : await orUnknown(datasetOf({ store, model, digest })),
      adapter: await adapterOfLost({ store, input }),
      version: (await registry.versionOf({ model, releaseId }))?.version ?? null,
      rolledOut: await rolloutOf({ store, releaseId }),
    },
    indexVersion: found?.inputs['index'] ?? null,
  };
}
