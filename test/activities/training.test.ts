import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ModelRegistry, Trainer, TrainingRequest } from '../../src/activities/ports.js';
import { createTrainingActivities } from '../../src/activities/training.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';

describe('startTraining', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-training-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function askedWith({
    maxTokens = null,
    maxLength = 512,
    budgetLeftUsd,
  }: {
    maxTokens?: number | null;
    maxLength?: number;
    budgetLeftUsd?: number;
  }): Promise<TrainingRequest> {
    const store = new DirectoryStore({ root: folder });
    const ref = await store.put({ key: 'a.jsonl', body: Buffer.from('{}') });
    const spec = modelSpecSchema.parse({
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'a' }, goldenSet: 'g', maxTokens },
      training: { maxLength },
      evaluation: { preset: 'support-deterministic' },
    });
    const document = {
      ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref } },
      ...{ prompt: defaultPrompt, promptDigest: 'p', overlays: [] },
    };
    const specification = await store.put({ key: 'spec.json', body: Buffer.from(JSON.stringify(document)) });
    const asked: TrainingRequest[] = [];
    const trainer = { start: async (request: TrainingRequest) => void asked.push(request) } as unknown as Trainer;
    const registry = { logParameters: async () => undefined } as unknown as ModelRegistry;
    await createTrainingActivities({ store, trainer, registry }).startTraining({
      ...{ specification, jobName: 'train-m-r1' },
      ...{ trainFile: ref, validationFile: ref, trackingRunId: 'run' },
      ...(budgetLeftUsd !== undefined && { budgetLeftUsd }),
    });
    return asked[0]!;
  }

  it('cuts at the lower one of data.maxTokens and training.maxLength', async () => {
    const lengthOf = async (tokens: number | null) =>
      (await askedWith({ maxTokens: tokens, maxLength: 512 })).settings.maxLength;
    expect([await lengthOf(null), await lengthOf(128), await lengthOf(1024)]).to.deep.equal([512, 128, 512]);
  });

  it('spends no more than the month has left', async () => {
    const budgetOf = async (left?: number) =>
      (await askedWith(left === undefined ? {} : { budgetLeftUsd: left })).resources.budgetUsd;
    expect([await budgetOf(), await budgetOf(7.5), await budgetOf(900)]).to.deep.equal([40, 7.5, 40]);
  });
});
