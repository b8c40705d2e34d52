import { expect } from 'chai';
import type { ArtifactStore, ModelRegistry } from '../../src/activities/ports.js';
import { createPromotionActivities, promotedByTag } from '../../src/activities/promotions.js';
import { record as sampleRecord } from '../unit/report/sample-release.js';

describe('the adapter of a version that is asked for', () => {
  const model = 'support-assistant';
  const specification = { uri: 'store://spec', sha256: 'a'.repeat(64), bytes: 1 };

  /** What is wrong with r9, a prompt release beside r8, by the records that stand. */
  async function problemOf(records: Readonly<Record<string, object>>): Promise<string> {
    const registry = {
      describeVersion: async () => ({ releaseId: `${model}-r9`, aliases: [], tags: {}, user: null }),
    } as unknown as ModelRegistry;
    const store = {
      get: async ({ key }: { key: string }) => {
        const releaseId = key.split('/')[1]!;
        const told = records[releaseId];
        return told ? { body: Buffer.from(JSON.stringify({ ...sampleRecord, releaseId, ...told })) } : null;
      },
    } as unknown as ArtifactStore;
    const { readCandidate } = createPromotionActivities({ registry, store });
    const answer = await readCandidate({ model, version: '3', byAlias: false, specification, champion: null });
    return 'problem' in answer! ? answer.problem : 'none';
  }
  const prompt = { kind: 'prompt', adapter: null, champion: `${model}-r8` };

  it('is never taken for the base model where the champion whose adapter it serves has no record', async () => {
    expect(await problemOf({ [`${model}-r9`]: prompt })).to.contain(
      `${model}-r8, whose adapter ${model}-r9 serves, has no record in the store; put releases/${model}-r8/record.json back`,
    );
  });

  it('is never taken for the base model where the record of that champion, which has trained, names none', async () => {
    const lost = { kind: 'training', adapter: null };
    expect(await problemOf({ [`${model}-r9`]: prompt, [`${model}-r8`]: lost })).to.contain(
      `${model}-r8 was to train, but its record names no adapter`,
    );
  });
});

describe('who moved the alias promote', () => {
  const specification = { uri: 'store://spec', sha256: 'a'.repeat(64), bytes: 1 };

  async function named({ tag, user }: { tag?: string; user: string | null }): Promise<string> {
    const registry = {
      describeVersion: async () => ({
        ...{ releaseId: null, aliases: ['promote'], user },
        tags: tag === undefined ? {} : { [promotedByTag]: tag },
      }),
    } as unknown as ModelRegistry;
    const { readCandidate } = createPromotionActivities({ registry, store: {} as ArtifactStore });
    const answer = await readCandidate({ model: 'm', version: '3', byAlias: true, specification, champion: null });
    return answer!.by;
  }

  const nobody = 'somebody in MLflow who is not named';
  const cases = [
    { what: 'the tag', tag: ' Ann ', user: 'svc-mlflow', by: 'Ann' },
    { what: 'the user of the version, where there is no tag', user: 'grace', by: 'grace' },
    { what: 'the user of the version, where the tag is blank', tag: ' \t', user: 'grace', by: 'grace' },
    { what: 'nobody, where both are blank', tag: '', user: '', by: nobody },
    { what: 'no more of a name than fits', tag: 'x'.repeat(5000), user: null, by: 'x'.repeat(200) },
  ];
  for (const { what, by, ...given } of cases)
    it(`is ${what}`, async () => {
      expect(await named(given)).to.equal(by);
    });

  it('is not whoever has moved it before and was answered', async () => {
    const version = { tags: { [promotedByTag]: 'bob' } as Record<string, string>, aliases: ['promote'] };
    const registry = {
      describeVersion: async () => ({ releaseId: null, user: null, ...version }),
      setVersionTags: async ({ tags }: { tags: Record<string, string> }) => void Object.assign(version.tags, tags),
      removeAlias: async () => void (version.aliases = []),
    } as unknown as ModelRegistry;
    const { readCandidate, answerPromotion } = createPromotionActivities({ registry, store: {} as ArtifactStore });
    const ask = () => readCandidate({ model: 'm', version: '3', byAlias: true, specification, champion: null });
    expect((await ask())!.by).to.equal('bob');
    const admitted = { decision: 'queued' as const, releaseId: 'm-r9', reason: 'starts now' };
    await answerPromotion({ model: 'm', version: '3', ...admitted });
    expect(version.aliases).to.deep.equal([]);
    version.aliases = ['promote'];
    expect((await ask())!.by).to.equal(nobody);
  });
});
