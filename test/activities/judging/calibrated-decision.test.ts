import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createEvaluationActivities } from '../../../src/activities/evaluation.js';
import { evidenceSchema, type Evidence } from '../../../src/activities/evidence-file.js';
import { saveCalibration, type CalibrationFile } from '../../../src/activities/judging/calibration-file.js';
import { answerDigestOf, saveLabels } from '../../../src/activities/judging/label-file.js';
import type { Judging } from '../../../src/activities/judging/judged-file.js';
import { loadJson, loadJsonLines } from '../../../src/activities/stored-json.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { concludeEvaluation } from '../../../src/domain/evaluation/conclude-evaluation.js';
import { scoreRowSchema } from '../../../src/domain/evaluation/score-answers.js';
import { digestOf } from '../../../src/domain/release/evidence.js';
import { evaluationSpecSchema } from '../../../src/domain/spec/evaluation-spec.js';
import { z } from 'zod';
import { answerOf, judgeWorld, type JudgeWorld } from './judge-world.js';

const golden = { name: 'm', version: 'v1' };
const calibratedAt = '2026-01-01T00:00:00.000Z';
const later = '2026-06-01T00:00:00.000Z';

describe('decisions by a judge that was held against people', function () {
  this.timeout(60_000);
  let world: JudgeWorld;
  beforeEach(async () => {
    world = await judgeWorld({ caseCount: 90 });
  });
  afterEach(() => world.close());

  /** The judge gives each answer the number that stands in it: `grade 4`. */
  const grades = (model = 'cheap') =>
    world.upstream.script({
      model,
      each: ({ messages }) => {
        const asked = messages[1]!.content;
        const grade = Number(/grade (\d)/.exec(asked)![1]);
        return {
          answer: asked.includes('"verdicts"')
            ? JSON.stringify({ verdicts: [{ item: 1, reason: 'so', verdict: grade === 1 ? 'yes' : 'no' }] })
            : JSON.stringify({ reason: 'so', score: grade }),
        };
      },
    });

  async function calibrate({
    metric = 'coherence',
    judgeErr = 0,
    lengthOf = () => null,
    change = {},
  }: {
    metric?: string;
    /** So many of 100 the judge gets wrong. */
    judgeErr?: number;
    lengthOf?: (index: number) => number | null;
    change?: Partial<CalibrationFile>;
  }): Promise<void> {
    const yesOrNo = metric === 'hallucination';
    await saveCalibration({
      store: world.store,
      file: {
        ...{ version: 1, judge: 'cheap', metric, rubricDigest: world.judge().rubrics[metric]!.digest },
        ...{ calibratedAt, expires: '2999-01-01T00:00:00.000Z', seed: 1 },
        ...{ passAt: yesOrNo ? 0.5 : 4, ordered: !yesOrNo },
        rows: Array.from({ length: 100 }, (_, index) => {
          const human = yesOrNo ? index % 2 : 1 + (index % 5);
          const err = (index * 37) % 100 < judgeErr;
          const judge = !err ? human : yesOrNo ? 1 - human : 6 - human;
          return {
            ...{ id: `${index}`, cluster: `c${index}`, human, judge },
            ...{ length: lengthOf(index), style: null, places: null },
          };
        }),
        ...change,
      },
    });
  }

  async function decide({
    evaluation,
    challenger,
    champion = null,
    label,
  }: {
    evaluation: Record<string, unknown>;
    challenger: (index: number) => string;
    champion?: ((index: number) => string) | null;
    /** What people say of an arm's answer. */
    label?: (arm: 'champion' | 'challenger', index: number) => number | null;
  }): Promise<{ evidence: Evidence; reasonOf: (gate: string) => string; judging: Judging }> {
    const { store, cases } = world;
    const specification = await world.specify({ preset: 'support-deterministic', ...evaluation });
    const put = (arm: 'champion' | 'challenger', answer: (index: number) => string) =>
      world.putAnswers(
        arm,
        cases.map(({ id }, index) => answerOf(id, answer(index))),
      );
    const challengerAnswers = await put('challenger', challenger);
    const championAnswers = champion && (await put('champion', champion));
    if (label)
      for (const [arm, answer] of [['challenger', challenger] as const, ['champion', champion!] as const])
        await saveLabels({
          ...{ store, golden, metric: 'coherence' },
          labels: cases.flatMap(({ id }, index) => {
            const score = label(arm, index);
            const of = { id, answerDigest: answerDigestOf(answer(index)), by: 'ana', at: later };
            return score === null ? [] : [{ ...of, score }];
          }),
        });
    const { judged, judging } = await world.run({
      ...{ specification, challenger: challengerAnswers, champion: championAnswers },
    });
    const { decideEvaluation } = createEvaluationActivities({
      store,
      audit: new StoreAudit({ store }),
      registry: null,
    });
    const table = challengerAnswers;
    const input = {
      ...{ releaseId: 'm-r2', model: 'm', specification, championAnswers, challengerAnswers, judged, attempt: 1 },
      champion: champion && 'm-r1',
      dataset: {
        ...{ name: 'm', digest: 'd', read: 1, rows: 1, deadLettered: {} },
        ...{ train: table, validation: table, manifest: table, table },
      },
    };
    const result = await new MockActivityEnvironment().run((given: typeof input) => decideEvaluation(given), input);
    const { evidence: ref, verdicts } = result as { evidence: typeof table; verdicts: Evidence['verdicts'] };
    return {
      evidence: await loadJson({ store, ref, schema: evidenceSchema }),
      reasonOf: (gate) => verdicts.find((one) => one.gate.startsWith(gate))!.reason,
      judging,
    };
  }

  const gates = [{ metric: 'coherence', min: 3 }];
  const fours = (index: number): string => `This answer ${index} is grade ${3 + (index % 3)}`;

  it('gate without being allowed, as long as the calibration is of this rubric, fresh and not drifted', async () => {
    grades();
    const run = (more: object = {}) => decide({ evaluation: { gates }, challenger: fours, ...more });
    await calibrate({ judgeErr: 5 });
    const good = await run();
    expect(good.evidence.judged![0]).to.include({ metric: 'coherence', standing: 'calibrated' });
    expect(good.reasonOf('coherence')).to.match(/rests on the judge as calibrated/);
    expect(good.evidence.verdicts.find((one) => one.gate === 'coherence >= 3')!.verdict).to.equal('pass');
    const reasons: string[] = [];
    for (const change of [
      { rubricDigest: 'other' },
      { expires: '2026-02-01T00:00:00.000Z' },
    ] satisfies Partial<CalibrationFile>[]) {
      await calibrate({ judgeErr: 5, change });
      reasons.push((await run()).reasonOf('coherence'));
    }
    await calibrate({ judgeErr: 60 });
    reasons.push((await run()).reasonOf('coherence'));
    expect(reasons[0]).to.match(/informs only, the rubric changed since the calibration/);
    expect(reasons[1]).to.match(/informs only, the calibration expired/);
    expect(reasons[2]).to.match(/informs only, lower bound of kappa/);
    await calibrate({ judgeErr: 5 });
    const drifted = await run({ champion: fours, label: (_arm: string, index: number) => (index < 25 ? 1 : null) });
    expect(drifted.reasonOf('coherence')).to.match(/informs only, the judge drifted: agreement 0 of \d+ recent labels/);
  });

  it("compare by people's labels of both arms where there are enough, whatever the judge's standing", async () => {
    grades();
    const champion = (index: number): string => `The champion's answer ${index} is grade ${2 + (index % 3)}`;
    const primary = [{ metric: 'coherence', kind: 'absolute', minimumEffect: 0 }];
    // People like the champion better, whatever the judge says.
    const label = (arm: string, index: number): number | null =>
      index % 2 ? (arm === 'champion' ? 4 + (index % 4 > 1 ? 1 : 0) : 1 + (index % 3)) : null;
    const asJudged = await decide({
      evaluation: { gates, primary, judge: { allowUncalibrated: ['coherence'] } },
      ...{ challenger: fours, champion },
    });
    expect(asJudged.evidence.verdicts.find((one) => one.gate === 'superior coherence')!.verdict).to.equal('pass');
    const rectified = await decide({ evaluation: { gates, primary }, challenger: fours, champion, label });
    const superior = rectified.evidence.verdicts.find((one) => one.gate === 'superior coherence')!;
    expect(superior.verdict).to.equal('fail');
    expect(superior.reason).to.match(/by 45 labels in 45 clusters and the judge's scores of 90 cases/);
    expect(rectified.evidence.judged![0]!.labels).to.have.length(90);
    expect(rectified.evidence.inputs['judgedMetrics']).to.equal(digestOf(rectified.evidence.judged));

    const { evidence } = rectified;
    const stored = await loadJsonLines({
      ...{ store: world.store, ref: evidence.files!['scores']! },
      schema: scoreRowSchema.extend({ arm: z.string() }),
    });
    const of = (name: string) => stored.filter((row) => row.arm === name).map(({ arm: _arm, ...row }) => row);
    const repeated = concludeEvaluation({
      spec: evaluationSpecSchema.parse({ preset: 'support-deterministic', gates, primary, judge: { model: 'cheap' } }),
      cases: world.cases,
      answers: {
        challenger: world.cases.map(({ id }, index) => answerOf(id, fours(index))),
        champion: world.cases.map(({ id }, index) => answerOf(id, champion(index))),
      },
      scores: { challenger: of('challenger'), champion: of('champion'), baseline: null },
      ...{ seed: evidence.seed, evidence: evidence.files!['scores']!, leftOut: evidence.leftOut },
      judged: evidence.judged!,
    });
    expect(repeated.verdicts).to.deep.equal(evidence.verdicts);
  });

  it('tell which answers are the same words on both arms, where people labelled some', async () => {
    grades();
    const champion = (index: number): string =>
      index % 3 === 0 ? `The champion's answer ${index} is grade 3` : fours(index);
    const primary = [{ metric: 'coherence', kind: 'absolute', minimumEffect: 0 }];
    const judge = { allowUncalibrated: ['coherence'] };
    const run = { evaluation: { gates, primary, judge }, challenger: fours, champion };
    const unlabelled = await decide(run);
    expect(unlabelled.evidence.judged![0]).to.not.have.property('unchanged');
    // People labelled every answer that stayed and 15 of the 30 that changed: half of those that stayed are left out.
    const label = (_arm: string, index: number): number | null => (index % 3 > 0 || index % 2 === 0 ? 3 : null);
    const { evidence } = await decide({ ...run, label });
    const same = world.cases.flatMap(({ id }, index) => (index % 3 === 0 ? [] : [id]));
    expect(evidence.judged![0]!.unchanged).to.have.members(same);
    const superior = evidence.verdicts.find((one) => one.gate === 'superior coherence')!;
    expect(superior.reason).to.contain('by 45 labels in 45 clusters');
  });

  it('put a yes/no rate right by what the judge gets wrong', async () => {
    grades();
    await calibrate({ metric: 'hallucination', judgeErr: 10 });
    const { evidence, reasonOf } = await decide({
      evaluation: { gates: [{ metric: 'hallucination', max: 0.5 }], metrics: ['hallucination'] },
      challenger: (index) => `This answer ${index} is grade ${index % 5 === 0 ? 1 : 2}`,
    });
    expect(evidence.judged![0]!.calibration!.positives).to.have.length(50);
    expect(reasonOf('hallucination')).to.match(/sensitivity|corrected/);
    const gate = evidence.verdicts.find((one) => one.gate.startsWith('hallucination'))!;
    expect(gate.value).to.be.within(0.08, 0.16);
  });

  it('send only what people disagree with the first judge on to the strong one', async () => {
    grades();
    grades('strong');
    const judge = { strong: 'strong', auditShare: 0, allowUncalibrated: ['coherence'] };
    const middle = (index: number): string => `This answer ${index} is grade ${index % 2 ? 3 : 5}`;
    const before = await decide({ evaluation: { gates, judge }, challenger: middle });
    expect(before.judging).to.deep.include({ strong: { unsure: 45 }, tieredBy: { coherence: 'middleOfRange' } });
    await calibrate({});
    const after = await decide({ evaluation: { gates, judge }, challenger: middle });
    expect(after.judging).to.deep.include({ strong: {}, tieredBy: { coherence: 'calibration' } });
  });

  it('name a bias of the judge among the flags', async () => {
    grades();
    await calibrate({});
    const run = () => decide({ evaluation: { gates }, challenger: fours });
    expect((await run()).evidence.flags!.find((one) => one.flag === 'judgeBias')).to.include({ raised: false });
    const rows = Array.from({ length: 100 }, (_, index) => {
      const long = index % 2 === 0;
      const human = 1 + (Math.floor(index / 2) % 4);
      return {
        ...{ id: `${index}`, cluster: `c${index}`, human, judge: long ? human + 1 : human },
        ...{ length: long ? 400 + index : 100, style: null, places: null },
      };
    });
    await calibrate({ change: { rows } });
    const { evidence } = await run();
    const flag = evidence.flags!.find((one) => one.flag === 'judgeBias')!;
    expect(flag).to.include({ raised: true, value: 1, n: 1 });
    expect(flag.reason).to.match(/coherence \(longer than \d+ characters\)/);
    expect(evidence.verdicts.find((one) => one.gate === 'flag judgeBias')).to.include({ informs: true });
  });
});
