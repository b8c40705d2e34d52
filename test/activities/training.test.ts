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

  async function askedWith({ maxTokens, maxLength }: { maxTokens: number | null; maxLength: number }) {
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
    });
    return asked[0]!.settings.maxLength;
  }

  it('cuts at the lower one of data.maxTokens and training.maxLength', async () => {
    expect(await askedWith({ maxTokens: null, maxLength: 512 })).to.equal(512);
    expect(await askedWith({ maxTokens: 128, maxLength: 512 })).to.equal(128);
    expect(await askedWith({ maxTokens: 1024, maxLength: 512 })).to.equal(512);
  });
});
