import { expect } from 'chai';
import { modelSpecSchema } from '../../../../src/domain/spec/model-spec.js';
import { unsupportedParts } from '../../../../src/domain/spec/unsupported.js';

describe('guards on events that nothing would count', () => {
  const problems = (rollout: Record<string, unknown>, requestLog: Record<string, unknown> = {}) => {
    const spec = modelSpecSchema.parse({
      apiVersion: 'understudy/v1',
      model: 'm',
      base: { id: 'tiny' },
      data: { recipe: 'support-tickets', source: { kind: 'jsonl', uri: '/data.jsonl' }, goldenSet: 'g.jsonl' },
      evaluation: { preset: 'support-deterministic' },
      rollout,
      gateway: { requestLog },
    });
    return unsupportedParts(spec).map(({ path }) => path);
  };
  const guards = (event: string) => [{ event }];

  it('are refused: slowStart without a limit of the first words', () => {
    expect(problems({ canary: { guards: guards('slowStart') } })).to.deep.equal(['rollout.slo.firstToken']);
    expect(problems({ canary: { guards: guards('slowStart') }, slo: { firstToken: '1s' } })).to.deep.equal([]);
  });

  it('are refused: badAnswer without texts to look at', () => {
    const canary = { guards: guards('badAnswer') };
    expect(problems({ canary }, { personalData: 'leaveOut' })).to.deep.equal(['gateway.requestLog']);
    expect(problems({ canary }, { sample: 0 })).to.deep.equal(['gateway.requestLog']);
    expect(problems({ canary })).to.deep.equal([]);
    expect(problems({ canary: { ...canary, badAnswers: null } }, { sample: 0 })).to.deep.equal([]);
  });
});
