import { expect } from 'chai';
import { judgeWindow } from '../../../../src/domain/rollout/breaker.js';

const judge = (challenger: [events: number, keys: number], champion: [events: number, keys: number] = [1, 1000]) =>
  judgeWindow({
    event: 'error',
    limit: 0.02,
    challenger: { events: challenger[0], keys: challenger[1] },
    champion: { events: champion[0], keys: champion[1] },
  });

describe('breaker', () => {
  it('trips over the limit with at least 50 keys and 5 events, the champion under it', () => {
    expect(judge([5, 50])).to.deep.include({ verdict: 'fail', limit: 0.02 });
    expect(judge([5, 50]).reason).to.equal('error on 5 of 50 keys (10 %) > 2 %, champion 1 of 1000');
  });
  it('does not act on too few keys or events', () => {
    expect(judge([5, 49]).verdict).to.equal('inconclusive');
    expect(judge([4, 50]).verdict).to.equal('inconclusive');
  });
  it('does not act on what a share at the limit shows now and then', () => {
    // scipy 1.17: binom.sf(17, 600, 0.02) = 0.0610, binom.sf(21, 600, 0.02) = 0.0056
    const chance = judge([18, 600]);
    expect(chance.verdict).to.equal('inconclusive');
    expect(chance.reason).to.match(/> 2 %, but a share at the limit shows as many with p 0\.06/);
    expect(judge([22, 600]).verdict).to.equal('fail');
  });
  it('passes at the limit', () => expect(judge([20, 1000]).verdict).to.equal('pass'));
  it('holds in an outage that both arms share', () =>
    expect(judge([40, 100], [30, 1000])).to.deep.include({ verdict: 'inconclusive', sharedOutage: true }));
  it('holds in an outage that a small holdback shares', () => {
    // 1 - 0.98^7 - 7 * 0.02 * 0.98^6 = 0.0079, 1 - 0.98^8 - 8 * 0.02 * 0.98^7 = 0.0103
    for (const champion of [
      [3, 3],
      [2, 7],
    ] as const)
      expect(judge([40, 100], [...champion])).to.deep.include({ verdict: 'inconclusive', sharedOutage: true });
    for (const champion of [
      [0, 3],
      [1, 3],
      [2, 8],
    ] as const)
      expect(judge([40, 100], [...champion])).to.deep.include({ verdict: 'fail', sharedOutage: false });
  });
  it('trips without a champion to compare with', () => expect(judge([40, 100], [0, 0]).verdict).to.equal('fail'));
  it('is unmeasured without keys', () => expect(judge([0, 0]).verdict).to.equal('unmeasured'));
});
