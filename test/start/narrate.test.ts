import { expect } from 'chai';
import type { Progress } from '../../src/contracts/release.js';
import { narrate } from '../../src/client/start/demonstration/narrate.js';

const at = (change: Partial<Progress>): Progress => ({
  ...{ releaseId: 'm-r2', model: 'm', stage: 'opening', since: '2026-01-01T00:00:00.000Z', verdicts: [] },
  ...{ waiting: null, share: 0, evidenceDigest: null },
  ...change,
});

/** Every line that the states make, one after the other. */
function linesOf(states: Progress[]): string[] {
  const told = new Set<string>();
  return states.flatMap((now, index) => narrate({ before: states[index - 1] ?? null, now, told }));
}

const passed = { gate: 'tokenF1', verdict: 'pass' as const, reason: '0.71 >= 0.65' };

describe('the story of a release', () => {
  it('says each stage and each verdict once, also when a later state shows it again', () => {
    const smoke = { gate: 'smoke', verdict: 'pass' as const, reason: 'answered' };
    expect(
      linesOf([
        at({ stage: 'evaluation' }),
        at({ stage: 'evaluation', verdicts: [passed] }),
        at({ stage: 'smoke', verdicts: [smoke] }),
        at({ stage: 'recording', verdicts: [passed] }),
      ]),
    ).to.deep.equal([
      'm-r2: evaluation',
      '  ✓ tokenF1: pass (0.71 >= 0.65)',
      'm-r2: smoke',
      '  ✓ smoke: pass (answered)',
      'm-r2: recording',
    ]);
  });

  it('says a gate again when its verdict changes', () => {
    const failed = { ...passed, verdict: 'fail' as const, reason: '0.5 < 0.65' };
    expect(linesOf([at({ verdicts: [passed] }), at({ verdicts: [failed] })]).at(-1)).to.equal(
      '  ✗ tokenF1: fail (0.5 < 0.65)',
    );
  });

  it('says in one line what a preset leaves out', () => {
    const leftOut = ['toxicity', 'coherence'].map((name) => ({
      ...{ gate: `left out ${name}`, verdict: 'unmeasured' as const, reason: 'no judge' },
    }));
    expect(linesOf([at({ verdicts: [passed, ...leftOut] })]).slice(1)).to.deep.equal([
      '  ✓ tokenF1: pass (0.71 >= 0.65)',
      '  - left out: toxicity, coherence (the report says why)',
    ]);
  });

  it('says how many users are on it only where that is known', () => {
    const lines = linesOf([
      at({ stage: 'canary', share: 0.05 }),
      at({ stage: 'bake', share: 0.95 }),
      at({ stage: 'recording' }),
    ]);
    expect(lines.filter((line) => line.includes('users'))).to.deep.equal([
      'm-r2: 5 % of the users on it',
      'm-r2: 95 % of the users on it',
    ]);
  });
});
