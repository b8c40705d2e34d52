import { expect } from 'chai';
import { modelSpecJsonSchema, overlayDocuments, parseModelSpec } from '../../../../src/domain/spec/model-spec.js';
import { durationMilliseconds, isoDuration } from '../../../../src/domain/spec/quantities.js';
import { unsupportedParts } from '../../../../src/domain/spec/unsupported.js';

const minimal = {
  apiVersion: 'understudy/v1',
  model: 'support-assistant',
  base: { id: 'HuggingFaceTB/SmolLM2-135M-Instruct' },
  data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'tickets.csv' }, goldenSet: 'golden/v1.jsonl' },
  evaluation: { preset: 'support-deterministic' },
};

describe('model spec', () => {
  it('needs only model, base, data and preset; the rest has the defaults of the field', () => {
    const { spec } = parseModelSpec(minimal);
    expect(spec?.training).to.include({
      method: 'lora',
      rank: 16,
      alpha: 32,
      dropout: 0.05,
      learningRate: 2e-4,
      epochs: 3,
    });
    expect(spec?.rollout.slo.latencyP95).to.equal('PT0.45S');
    expect(spec?.rollout.canary.steps.map((step) => step.share)).to.deep.equal([0.01, 0.05, 0.25, 0.5]);
    expect(unsupportedParts(spec!)).to.deep.equal([]);
  });

  it('reads shares, margins, rates and durations as people write them', () => {
    const { spec, problems } = parseModelSpec(
      overlayDocuments([
        minimal,
        {
          rollout: {
            lease: '10m',
            bake: { holdback: '5%' },
            load: { expectedPeak: '20/s' },
            canary: { guards: [{ event: 'error', margin: '120%' }] },
          },
        },
      ]),
    );
    expect(problems).to.deep.equal([]);
    expect(spec?.rollout).to.deep.include({
      lease: 'PT10M',
      bake: { duration: 'PT24H', maximum: 'PT72H', holdback: 0.05 },
    });
    expect(spec?.rollout.load?.expectedPeak).to.equal(20);
    expect(spec?.rollout.canary.guards[0]?.margin).to.equal(1.2);
  });

  it('refuses limits that nothing can keep', () => {
    const { problems } = parseModelSpec({
      ...minimal,
      evaluation: { preset: 'support-deterministic', gates: [{ metric: 'tokenF1', min: 0.9, max: 0.1 }] },
      rollout: { canary: { alpha: '0%' }, bake: { holdback: '100%' } },
    });
    expect(problems.map((one) => one.path).sort()).to.deep.equal([
      'evaluation.gates.0',
      'rollout.bake.holdback',
      'rollout.canary.alpha',
    ]);
  });

  it('lists five mistakes at once, each with path, value and expectation', () => {
    const { problems } = parseModelSpec({
      ...minimal,
      model: 'Support Assistant',
      training: { rank: 0, learninRate: 1 },
      rollout: { lease: 'ten minutes', canary: { steps: [{ share: '120%' }] } },
    });
    expect(problems.map((one) => one.path).sort()).to.deep.equal([
      'model',
      'rollout.canary.steps.0.share',
      'rollout.lease',
      'training.learninRate',
      'training.rank',
    ]);
    expect(problems.find((one) => one.path === 'rollout.lease')).to.deep.include({ value: 'ten minutes' });
    for (const problem of problems) expect(problem.expected).to.be.a('string').and.not.equal('');
  });

  it('refuses steps that do not rise', () => {
    const { problems } = parseModelSpec({
      ...minimal,
      rollout: { canary: { steps: [{ share: '25%' }, { share: '5%' }] } },
    });
    expect(problems[0]?.expected).to.match(/rise/);
  });

  it('names parts that this version does not carry out, instead of skipping them', () => {
    const { spec } = parseModelSpec({
      ...minimal,
      rollout: { slo: { errorRate: { limit: '2%', window: '1h' } } },
      evaluation: { preset: 'support' },
    });
    expect(unsupportedParts(spec!).map((one) => one.path)).to.deep.equal([
      'rollout.slo.errorRate.window',
      'evaluation.preset',
    ]);
  });

  it('wants a judge for what only a judge measures, and carries one out where it is named', () => {
    const refused = (evaluation: Record<string, unknown>) => {
      const { spec, problems } = parseModelSpec({
        ...minimal,
        evaluation: { preset: 'support-deterministic', ...evaluation },
      });
      expect(problems).to.deep.equal([]);
      return unsupportedParts(spec!).map((one) => one.path);
    };
    const judge = { model: 'gpt' };
    for (const preset of ['support', 'strict', 'summaries']) {
      expect(refused({ preset, judge })).to.deep.equal([]);
      expect(refused({ preset })).to.deep.equal(['evaluation.preset']);
    }
    const guardrails = [{ metric: 'faithfulness' }];
    expect(refused({ guardrails })).to.deep.equal(['evaluation.judge']);
    expect(refused({ guardrails, judge })).to.deep.equal([]);
    expect(refused({ guardrails, judge: { ...judge, calibration: 'c.jsonl' } })).to.deep.equal([]);
    expect(refused({ gates: [{ metric: 'costUsd', max: 0.01 }] })).to.deep.equal(['evaluation.answerPrice']);
    const answerPrice = { input: 1, output: 2 };
    expect(refused({ gates: [{ metric: 'costUsd', max: 0.01 }], answerPrice })).to.deep.equal([]);
    const probed = { primary: [{ metric: 'invarianceTypos' }], baseline: { kind: 'keyword-category' } };
    expect(refused(probed)).to.deep.equal(['evaluation.baseline']);
    const primary = [{ metric: 'correctness' }];
    expect(refused({ judge, primary })).to.deep.equal([]);
    expect(refused({ judge, primary, baseline: { kind: 'keyword-category' } })).to.deep.equal(['evaluation.baseline']);
  });

  it('refuses an error window that is longer than what the gateways keep', () => {
    const evaluation = { preset: 'support-deterministic' };
    const windows = ['10m', '11m'].map((window) => {
      const { spec } = parseModelSpec({ ...minimal, evaluation, rollout: { slo: { errorRate: { window } } } });
      return unsupportedParts(spec!).map((one) => one.path);
    });
    expect(windows).to.deep.equal([[], ['rollout.slo.errorRate.window']]);
  });

  it('refuses a load test that no worker could run', () => {
    const evaluation = { preset: 'support-deterministic' };
    const problemsOf = (load: Record<string, unknown>) => {
      const { spec } = parseModelSpec({ ...minimal, evaluation, rollout: { load } });
      return unsupportedParts(spec!).map((one) => one.path);
    };
    const path = 'rollout.load.expectedPeak';
    expect(problemsOf({ expectedPeak: '5000/s', factor: 2 })).to.deep.equal([]);
    expect(problemsOf({ expectedPeak: '5001/s', factor: 2 })).to.deep.equal([path]);
    expect(problemsOf({ expectedPeak: '100/s', factor: 1, duration: '90m' })).to.deep.equal([]);
    expect(problemsOf({ expectedPeak: '100/s', factor: 1, duration: '3h' })).to.deep.equal([path]);
  });

  it('is published as a JSON Schema', () => {
    expect(modelSpecJsonSchema()).to.have.nested.property('properties.rollout');
  });

  it('replaces lists and nulls in overlays, and merges objects', () => {
    expect(
      overlayDocuments([
        { a: { b: 1, c: [1, 2] }, d: { e: 1 } },
        { a: { c: [3] }, d: null },
      ]),
    ).to.deep.equal({ a: { b: 1, c: [3] }, d: null });
  });
});

describe('durations', () => {
  it('read short and ISO forms', () => {
    expect(['450ms', '30m', '7d', 'PT1H30M', 'PT0.45S', 'P1DT1S'].map(durationMilliseconds)).to.deep.equal([
      450, 1_800_000, 604_800_000, 5_400_000, 450, 86_401_000,
    ]);
    expect(['', 'P', 'PT', '5', 'soon'].map(durationMilliseconds)).to.deep.equal([null, null, null, null, null]);
  });

  it('survive the way to ISO and back', () => {
    for (const value of [0, 1, 450, 61_000, 86_400_000, 90_061_500])
      expect(durationMilliseconds(isoDuration(value))).to.equal(value);
  });
});
