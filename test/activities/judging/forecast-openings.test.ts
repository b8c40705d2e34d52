import { expect } from 'chai';
import { forecastOpenings } from '../../../src/activities/judging/forecast-openings.js';
import type { JudgeCaller } from '../../../src/activities/judging/judge-caller.js';
import type { JudgeTasks } from '../../../src/activities/judging/judge-tasks.js';
import type { JudgeSpec } from '../../../src/domain/spec/evaluation-spec.js';

const count = 3000;
const dollarsOfToken = 1e-6;

/** Tasks whose first questions have so many tokens each, counted as long as `release` lets them. */
function counting({ capUsd, tokensOf }: { capUsd: number; tokensOf: (index: number) => number }) {
  let counted = 0;
  const spec = { model: 'cheap', strong: null, strongFor: 'unsure', jury: [], auditShare: 0, budgetUsd: capUsd };
  const tasks: JudgeTasks = {
    ...{ count, cases: count },
    at: (index) => ({ inputs: { challenger: { question: String(index) } }, rubric: { kind: 'rating' } }) as never,
  };
  const opening: JudgeCaller['opening'] = ({ input }) => {
    counted += 1;
    return Promise.resolve(tokensOf(Number(input.question)));
  };
  const openings = forecastOpenings({
    ...{ caller: { opening } as JudgeCaller, spec: spec as unknown as JudgeSpec, tasks },
    priceOf: () => ({ input: dollarsOfToken * 1e6, output: 0 }),
  });
  return { openings, counted: () => counted };
}

describe('forecastOpenings', () => {
  it('lets nothing be asked before all is counted where the budget is near', async () => {
    const { openings, counted } = counting({ capUsd: 0.04, tokensOf: () => 10 });
    expect(await openings.refusal(0)).to.equal(null);
    expect(counted()).to.equal(count);
    expect(await openings.whole()).to.deep.include({ calls: 4800, leastUsd: 0.03 });
  });

  it('refuses all where the budget can not suffice', async () => {
    const { openings } = counting({ capUsd: 0.02, tokensOf: () => 10 });
    for (const index of [0, count - 1])
      expect(await openings.refusal(index)).to.include("the judge's budget of 0.0200 USD can't suffice");
  });

  it('lets the first be asked while the rest is counted where the budget is ample, and counts the same', async () => {
    const { openings, counted } = counting({ capUsd: 1, tokensOf: () => 10 });
    expect(await openings.refusal(0)).to.equal(null);
    expect(counted()).to.be.within(100, count - 1000);
    expect(await openings.refusal(count - 1)).to.equal(null);
    expect(counted()).to.equal(count);
    expect(await openings.whole()).to.deep.include({ calls: 4800, leastUsd: 0.03 });
  });

  it('refuses what is left where the rest is dearer than the first made believe', async () => {
    const { openings } = counting({ capUsd: 0.1, tokensOf: (index) => (index < 1500 ? 10 : 100) });
    expect(await openings.refusal(0)).to.equal(null);
    expect(await openings.refusal(count - 1)).to.include('the questions alone cost 0.17 USD');
  });

  it('goes no further once it is stopped', async () => {
    const { openings, counted } = counting({ capUsd: 1, tokensOf: () => 10 });
    openings.stop();
    await openings.whole();
    expect(counted()).to.be.below(100);
  });

  it('lets nobody wait for the rest or ask once it is stopped', async () => {
    const { openings, counted } = counting({ capUsd: 0.04, tokensOf: () => 10 });
    const waiting = openings.refusal(0);
    openings.stop();
    expect(await waiting).to.equal('judging ended before this case');
    expect(counted()).to.be.below(100);
  });
});
