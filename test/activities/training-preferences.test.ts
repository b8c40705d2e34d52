import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ModelRegistry, Trainer, TrainingRequest } from '../../src/activities/ports.js';
import { createTrainingActivities } from '../../src/activities/training.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { keepPreferences } from '../../src/client/preference-file.js';
import { readSpecificationFile, SpecificationRefused } from '../../src/client/specification-file.js';
import { refKey } from '../../src/domain/artifact-ref.js';

const message = (role: string, content: string) => [{ role, content }];
const pair = (question: string) => ({
  prompt: message('user', question),
  chosen: message('assistant', 'Yes, until noon.'),
  rejected: message('assistant', 'No.'),
});
const golden = { id: 'g1', input: 'Where is my parcel, it should have come on Monday?', reference: 'In Leeds.' };

describe('training.preferences', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-preferences-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** A spec file that names `rows` as its preferences. */
  async function writeSpec(rows: readonly object[] | null): Promise<string> {
    const document = {
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'a.csv' }, goldenSet: 'v1.jsonl' },
      training: { preferences: { file: 'pairs.jsonl', maxSteps: 8 } },
      evaluation: { preset: 'support-deterministic' },
    };
    const path = join(folder, 'understudy.yaml');
    await writeFile(path, JSON.stringify(document));
    await writeFile(join(folder, 'v1.jsonl'), JSON.stringify(golden));
    if (rows !== null) await writeFile(join(folder, 'pairs.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    return path;
  }

  async function refusal(rows: readonly object[] | null): Promise<SpecificationRefused> {
    const found = await readSpecificationFile({ path: await writeSpec(rows) }).catch((error: unknown) => error);
    expect(found).to.be.instanceOf(SpecificationRefused);
    return found as SpecificationRefused;
  }

  /** What the trainer is asked, and what the run shows, for a specification with or without the pairs in the store. */
  async function start({ kept }: { kept: boolean }) {
    const read = await readSpecificationFile({ path: await writeSpec([pair('May I?')]) });
    const file = await store.put({ key: 'a.jsonl', body: Buffer.from('{}') });
    const document = {
      ...read.specification,
      ...(kept && (await keepPreferences({ store, preferences: read.preferences }))),
      golden: { name: 'm', version: 'v1', ref: file },
    };
    const specification = await store.put({ key: 'spec.json', body: Buffer.from(JSON.stringify(document)) });
    const asked: TrainingRequest[] = [];
    const shown: Record<string, string> = {};
    const trainer = { start: async (request: TrainingRequest) => void asked.push(request) } as unknown as Trainer;
    const registry = {
      logParameters: async ({ parameters }: { parameters: object }) => void Object.assign(shown, parameters),
    } as unknown as ModelRegistry;
    await createTrainingActivities({ store, trainer, registry }).startTraining({
      ...{ specification, jobName: 'train-m-r1' },
      ...{ trainFile: file, validationFile: file, trackingRunId: 'run' },
    });
    return { request: asked[0]!, shown };
  }

  it('reach the trainer by their digest in the store, with their settings, and the run', async () => {
    const { request, shown } = await start({ kept: true });
    const { file, ...settings } = request.preferences!;
    expect(settings).to.deep.equal({ beta: 0.1, learningRate: 5e-6, epochs: 1, maxSteps: 8 });
    expect(request.settings).not.to.have.property('preferences');
    expect(refKey(file)).to.equal(`training/preferences/${file.sha256}.jsonl`);
    expect(JSON.parse((await store.get({ key: refKey(file) }))!.body.toString())).to.deep.equal(pair('May I?'));
    expect(shown).to.include({ 'preferences.beta': '0.1', 'preferences.file': file.sha256 });
  });

  it('are missed by the training where the specification lacks them', async () => {
    const found = await start({ kept: false }).catch((error: unknown) => String(error));
    expect(found).to.contain('training.preferences.file pairs.jsonl').and.to.contain('apply the spec again');
  });

  it('are refused as a whole before anything is applied', async () => {
    expect((await refusal(null)).problems[0]!.expected).to.match(/^a readable file/);
    const { problems } = await refusal([{ prompt: [] }, pair('where is my parcel; it should have come on monday')]);
    expect(problems.map(({ path }) => path)).to.satisfy((paths: string[]) =>
      paths.every((path) => path === 'training.preferences.file'),
    );
    expect(problems.map(({ value }) => value)).to.include.members(['pairs.jsonl:1 prompt', 'pairs.jsonl:2 prompt']);
    expect(problems.at(-1)!.expected).to.contain('golden case').and.to.contain('g1');
    const many = await refusal(Array.from({ length: 60 }, () => ({ ...pair('May I?'), chosen: [] })));
    expect(many.problems).to.have.length(51);
    expect(many.problems.at(-1)!.expected).to.equal('10 problems less besides these');
  });
});
