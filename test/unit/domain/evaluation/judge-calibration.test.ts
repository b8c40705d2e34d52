import { expect } from 'chai';
import {
  calibrateJudge,
  calibrationRowSchema,
  labelsOf,
  type CalibrationRow,
} from '../../../../src/domain/evaluation/judge-calibration.js';
import { standingOf } from '../../../../src/domain/evaluation/judge-standing.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

interface World {
  n: number;
  /** Chance that the judge says what people say. */
  right: number;
  /** Chance that it calls a long or a listed answer good whatever people say. */
  favour: Partial<Record<'length' | 'style', number>>;
}

function labelled({ n = 300, right = 0.92, favour = {} }: Partial<World> = {}): CalibrationRow[] {
  const draw = draws(11);
  return Array.from({ length: n }, (_, i) => {
    const human = Number(draw.chance(0.6));
    const length = Math.floor(1000 * draw.uniform());
    const style = draw.chance(0.5) ? 'list' : 'prose';
    const pushed =
      (length > 500 && draw.chance(favour.length ?? 0)) || (style === 'list' && draw.chance(favour.style ?? 0));
    const judge = pushed ? 1 : draw.chance(right) ? human : 1 - human;
    return calibrationRowSchema.parse({ id: `${i}`, human, judge, length, style });
  });
}
const bound = { judge: 'small', rubricDigest: 'r1', metric: 'faithfulness', expires: '2026-06-01T00:00:00Z' };
const calibrate = (rows: readonly CalibrationRow[]) => calibrateJudge({ ...bound, rows, seed: 1, resamples: 999 });

describe('calibrateJudge', () => {
  it('knows agreement, kappa, sensitivity and specificity, each with its interval', () => {
    const result = calibrate(labelled());
    expect(result.verdict).to.equal('calibrated');
    expect(result.agreement.value).to.be.closeTo(0.92, 0.04);
    expect(result.sensitivity!.value).to.be.closeTo(0.92, 0.05);
    expect(result.specificity!.value).to.be.closeTo(0.92, 0.06);
    for (const { value, interval } of [result.agreement, result.kappa!, result.sensitivity!, result.specificity!])
      expect(value).to.be.within(interval.low, interval.high);
    expect(result.reason).to.match(/^lower bound of kappa 0\.\d+ >= 0\.4; agreement .* 300 labels in 300 clusters$/);
    expect(result.biases.filter((one) => one.biased)).to.deep.equal([]);
    expect(calibrate(labelled())).to.deep.equal(result);
  });

  for (const [kind, group] of [
    ['length', /^longer than \d+ characters$/],
    ['style', /^style list$/],
  ] as const)
    it(`names a judge that favours by ${kind}, and only that`, () => {
      const { biases, reason } = calibrate(labelled({ favour: { [kind]: 0.7 } }));
      const named = biases.filter((one) => one.biased);
      expect(new Set(named.map((one) => one.kind))).to.deep.equal(new Set([kind]));
      const favoured = named.find((one) => group.test(one.group))!;
      expect(favoured.difference).to.be.greaterThan(0.1);
      expect(favoured.interval.low).to.be.greaterThan(0);
      expect(reason).to.contain('judges differently: ');
    });

  for (const [pull, biased] of [
    [0.5, true],
    [0, false],
  ] as const)
    it(`${biased ? 'names' : 'does not name'} a judge of pairs that prefers the first place in ${pull * 100} of 100`, () => {
      const draw = draws(5);
      const rows = Array.from({ length: 120 }, (_, i) => {
        const human = Number(draw.chance(0.5));
        const said = (place: number): number => (draw.chance(pull) ? place : draw.chance(0.9) ? human : 1 - human);
        const places = { first: said(1), second: said(0) };
        return calibrationRowSchema.parse({ id: `${i}`, human, judge: (places.first + places.second) / 2, places });
      });
      const { biases } = calibrate(rows);
      expect(biases).to.have.length(1);
      expect(biases[0]).to.deep.include({ kind: 'position', group: 'shown first', n: 120, biased });
      expect(biases[0]!.difference).to.be.closeTo(pull, 0.15);
    });

  it('is weak where it guesses, where labels are few, and where nothing differs', () => {
    expect(calibrate(labelled({ right: 0.6 })).reason).to.match(/^lower bound of kappa 0\.\d+ < 0\.4/);
    expect(calibrate(labelled({ n: 25 })).reason).to.match(/^too few labels, expected 30 in 20 clusters/);
    const same = labelled().map((row) => ({ ...row, human: 1, judge: 1 }));
    expect(calibrate(same)).to.deep.include({ verdict: 'weak', kappa: null, specificity: null });
  });

  it('leaves out what the judge did not score, and says how much', () => {
    const rows = labelled().map((row, i) => (i < 30 ? { ...row, judge: null } : row));
    expect(calibrate(rows)).to.deep.include({ n: 270, unmeasured: 0.1 });
    expect(() => calibrate(rows.slice(0, 30))).to.throw(RangeError, 'no labelled answer has a score of the judge');
  });

  it('weighs a near miss of ordered ratings less', () => {
    const draw = draws(2);
    const rows = Array.from({ length: 120 }, (_, i) => {
      const human = 1 + (i % 5);
      const judge = Math.min(5, human + Number(draw.chance(0.5)));
      return calibrationRowSchema.parse({ id: `${i}`, human, judge });
    });
    const kappaOf = (ordered: boolean): number =>
      calibrateJudge({ ...bound, rows, ordered, passAt: 4, seed: 1, resamples: 999 }).kappa!.value;
    expect(kappaOf(true)).to.be.greaterThan(kappaOf(false) + 0.05);
  });

  it('takes shares as the yes or no they come to', () => {
    const rows = labelled().map((row, i) => ({
      ...row,
      human: 0.8 * row.human + 0.1,
      judge: 0.7 * row.judge! + (i % 3) / 10,
    }));
    const result = calibrate(rows);
    expect(result.kappa!.value).to.equal(calibrate(labelled()).kappa!.value);
    expect(result.verdict).to.equal('calibrated');
  });
});

describe('labelsOf', () => {
  it('parts the judge’s yes and no by what people said', () => {
    const { positives, negatives } = labelsOf({ rows: labelled({ n: 50 }) });
    expect(positives.length + negatives.length).to.equal(50);
    expect(positives.filter((one) => one.yes).length).to.be.greaterThan(positives.length / 2);
    expect(negatives.filter((one) => one.yes).length).to.be.lessThan(negatives.length / 2);
  });
});

describe('standingOf', () => {
  const calibration = calibrate(labelled());
  const ask = {
    ...{ metric: 'faithfulness', judge: 'small', rubricDigest: 'r1', calibration },
    ...{ now: '2026-05-01T00:00:00Z', allowUncalibrated: [] },
  };

  it('lets a calibrated judge decide', () => {
    expect(standingOf(ask)).to.deep.equal({
      metric: 'faithfulness',
      standing: 'calibrated',
      reason: calibration.reason,
    });
    expect(standingOf({ ...ask, recent: { agreed: 45, labels: 50 } }).standing).to.equal('calibrated');
  });

  it('lets any other only inform, and says why', () => {
    for (const [over, reason] of [
      [{ calibration: null }, 'the judge was never calibrated; run understudy judge calibrate'],
      [{ judge: 'large' }, 'the calibration is of judge small, not large'],
      [{ rubricDigest: 'r2' }, 'the rubric changed since the calibration'],
      [{ now: '2026-06-01T00:00:00Z' }, 'the calibration expired at 2026-06-01T00:00:00Z'],
      [{ calibration: calibrate(labelled({ right: 0.6 })) }, 'lower bound of kappa'],
      [{ recent: { agreed: 30, labels: 50 } }, 'the judge drifted: agreement 0.6 of 50 recent labels'],
    ] as const) {
      const { standing, reason: said } = standingOf({ ...ask, ...over });
      expect(standing).to.equal('informs');
      expect(said).to.contain(reason);
    }
  });

  it('decides uncalibrated only where the spec names the metric', () => {
    const uncalibrated = { ...ask, calibration: null, allowUncalibrated: ['faithfulness'] };
    expect(standingOf(uncalibrated)).to.deep.include({
      standing: 'allowed',
      reason: 'the judge was never calibrated; allowUncalibrated names faithfulness',
    });
    expect(standingOf({ ...uncalibrated, metric: 'hallucination' }).standing).to.equal('informs');
  });
});
