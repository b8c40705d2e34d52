import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortError, type Trainer, type TrainingStatus } from '../../src/activities/ports.js';
import { releaseCosts } from '../../src/activities/release-costs.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import type { CloseReleaseInput } from '../../src/contracts/recording.js';
import { releaseInput } from '../workflows/support/started-release.js';

describe('what a release has cost', () => {
  let root: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-costs-'));
    store = new DirectoryStore({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const input = releaseInput({ model: 'desk' });
  const nothing: CloseReleaseInput['gathered'] = {
    ...{ dataset: null, adapter: null, training: null, evaluated: null, version: null, rolledOut: null, target: null },
  };
  const judged = (file: string, spentUsd: number) =>
    store.put({
      key: `releases/${input.releaseId}/evaluation/${file}`,
      body: Buffer.from(
        JSON.stringify({
          ...{ version: 1, releaseId: input.releaseId, judge: 'j', rubrics: {}, cases: 1, capUsd: 5, spentUsd },
          ...{ forecast: { calls: 1, leastUsd: 0, expectedUsd: 0 }, calls: 1, cached: 0, unmeasured: 0 },
          ...{ strong: {}, audit: {} },
        }),
      ),
    });
  const costs = (status: () => Partial<TrainingStatus>, closing: Partial<CloseReleaseInput> = {}) =>
    releaseCosts({
      store,
      trainer: { status: async () => status() } as unknown as Trainer,
      closing: { input, gathered: nothing, ...closing },
    });

  it('counts a training job that failed or was stopped', async () => {
    expect(await costs(() => ({ costUsd: 31.5 }))).to.deep.equal({ costUsd: { training: 31.5 }, unknown: [] });
  });

  it('counts what judges were paid, over all looks, and what the rollout says', async () => {
    await judged('judging-look-1.json', 0.5);
    await judged('judging-look-2.json', 1.25);
    await judged('judging.json', 1.25);
    const rolledOut = { costUsd: { shadow: 0.75 } } as unknown as NonNullable<
      CloseReleaseInput['gathered']['rolledOut']
    >;
    expect((await costs(() => ({ costUsd: 2 }), { gathered: { ...nothing, rolledOut } })).costUsd).to.deep.equal({
      ...{ training: 2, evaluation: 1.25, shadow: 0.75 },
    });
  });

  it('asks for no job where none was trained, and takes one that never began as free', async () => {
    const never = () => {
      throw new Error('asked');
    };
    expect(await costs(never, { input: { ...input, kind: 'prompt' } })).to.deep.equal({
      ...{ costUsd: { training: 0 }, unknown: [] },
    });
    const missing = () => {
      throw new PortError('NotFound', 'train-desk-r2: was never started');
    };
    expect((await costs(missing)).unknown).to.deep.equal([]);
  });

  it('says what could not be learned, and waits for nobody', async () => {
    const away = () => {
      throw new PortError('Unauthorised', 'training job train-desk-r2: ExpiredToken');
    };
    expect(await costs(away)).to.deep.equal({
      costUsd: { training: 0 },
      unknown: ['what training cost is not known: training job train-desk-r2: ExpiredToken'],
    });
  });
});
