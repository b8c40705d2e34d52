import type { ArtifactStore, TrainingRequest } from '../../../src/activities/ports.js';

const chat = (at: number): string =>
  JSON.stringify({
    messages: [
      { role: 'user', content: `Where is parcel ${at}?` },
      { role: 'assistant', content: `Parcel ${at} is on its way.` },
    ],
  });

/** A small job on the tiny base, with its data in the store. */
export async function trainingRequest({
  store,
  jobName,
  maxSteps,
}: {
  store: ArtifactStore;
  jobName: string;
  maxSteps: number;
}): Promise<TrainingRequest> {
  const rows = (from: number, count: number): Uint8Array =>
    Buffer.from(Array.from({ length: count }, (_, at) => `${chat(from + at)}\n`).join(''));
  return {
    jobName,
    base: { id: 'tiny', revision: null },
    trainFile: await store.put({ key: 'datasets/parcels/train.jsonl', body: rows(0, 40) }),
    validationFile: await store.put({ key: 'datasets/parcels/validation.jsonl', body: rows(40, 4) }),
    settings: {
      method: 'lora',
      rank: 8,
      alpha: 16,
      dropout: 0,
      learningRate: 1e-3,
      epochs: 1,
      maxSteps,
      batchSize: 2,
      gradientAccumulation: 1,
      maxLength: 128,
      warmupRatio: 0.1,
      seed: 1,
    },
    resources: { instances: ['ml.g5.2xlarge', 'ml.g5.4xlarge'], spot: true, budgetUsd: 40, deadlineSeconds: 43_200 },
    trackingRunId: 'none',
  };
}
