import { expect } from 'chai';
import type { ArtifactStore, ModelRegistry } from '../../src/activities/ports.js';
import { createPromotionActivities, promotedByTag } from '../../src/activities/promotions.js';

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
});
