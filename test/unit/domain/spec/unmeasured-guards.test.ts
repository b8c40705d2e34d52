import { expect } from 'chai';
import { guardTest } from '../../../../src/domain/rollout/guard-state.js';
import { modelSpecSchema } from '../../../../src/domain/spec/model-spec.js';
import { unsupportedParts } from '../../../../src/domain/spec/unsupported.js';

/** The paths of what a spec is refused for. */
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

describe('guards on events that nothing would count', () => {
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

  it('are refused: names that no event has, and slips of those that are documented', () => {
    const path = 'rollout.canary.guards.0.event';
    for (const event of ['my event', 'request', 'thumbsdown', 'Conversion', 'x'.repeat(65)])
      expect(problems({ canary: { guards: guards(event) } }), event).to.deep.equal([path]);
    for (const event of ['purchase', 'degraded', 'thumbsUp', 'return'])
      expect(problems({ canary: { guards: guards(event) } }), event).to.deep.equal([]);
  });
});

describe('guards that leave nothing to test', () => {
  /** The largest double under another. */
  const justUnder = (value: number) => value * (1 - Number.EPSILON);

  it('are refused by the margin that can not be tested, and the last that can is', () => {
    for (const [direction, most] of [
      ['higher', 49],
      ['lower', 0.98],
    ] as const) {
      const at = (margin: number) => problems({ canary: { guards: [{ event: 'error', direction, margin }] } });
      expect(at(most), direction).to.deep.equal(['rollout.canary.guards.0.margin']);
      const margin = justUnder(justUnder(most));
      expect(at(margin), direction).to.deep.equal([]);
      expect(() => guardTest({ direction, margin, alpha: 0.01 })).to.not.throw();
      expect(() => guardTest({ direction, margin: most * 1.0001, alpha: 0.01 })).to.throw(RangeError);
    }
  });

  it('are refused without a part of alpha', () => {
    const guards = [{ event: 'error' }, { event: 'slow', weight: Number.MIN_VALUE }];
    expect(problems({ canary: { guards } })).to.deep.equal(['rollout.canary.guards.1.weight']);
  });

  it('have a lease of five heartbeat timeouts of their watcher', () => {
    expect(problems({ lease: '49s' })).to.deep.equal(['rollout.lease']);
    expect(problems({ lease: '50s' })).to.deep.equal([]);
  });
});
