import { expect } from 'chai';
import { probeSchema } from '../../src/domain/evaluation/behaviour/probe.js';
import type { GoldenCase } from '../../src/domain/dataset/golden.js';
import { PortError } from '../../src/activities/ports.js';
import { loadJsonLines } from '../../src/activities/stored-json.js';
import { scoreRowSchema } from '../../src/domain/evaluation/score-answers.js';
import { z } from 'zod';
import { evaluationWorld, type EvaluationWorld } from './support/evaluation-world.js';

const cases: GoldenCase[] = Array.from({ length: 60 }, (_, i) => ({
  ...{
    id: `g${i}`,
    input: `Where is parcel number ${i}${`?`.repeat(1 + (i % 5))}`,
    reference: `Parcel number ${i} is in the depot`,
  },
  ...{ cluster: `c${i % 30}`, tags: { language: 'en' } },
}));
const number = (question: string): string => /\d+/.exec(question)?.[0] ?? '0';
/** Robust but for the champion, which answers only questions without a typo. */
const says = ({ release, question }: { release: string; question: string }): string =>
  release === 'm-r2' || cases.some(({ input }) => input === question)
    ? `Parcel number ${number(question)} is in the depot`
    : 'What do you mean?';

describe('inputs of scorers', () => {
  let world: EvaluationWorld;
  afterEach(() => world.close());
  const start = async (evaluation: Record<string, unknown>, given = says): Promise<EvaluationWorld> =>
    (world = await evaluationWorld({ cases, evaluation, says: given }));

  it('are probes where a metric needs them: asked beside the golden cases and never among them', async () => {
    const gates = [{ metric: 'robustnessDeltaF1', max: 0.15 }];
    const { decision, activities, run, asked, evidenceOf, store, common } = await start({ gates });
    const input = await decision({ champion: false });
    const probes = await loadJsonLines({ store, ref: input.probed!.challenger!.probes, schema: probeSchema });
    expect(probes).to.have.length(300);
    // Two probes may be the same text, whose answer is asked for once where the first one is stored by then.
    const questions = new Set([...probes, ...cases].map(({ input: text }) => text));
    expect(new Set(asked.map(({ question }) => question))).to.deep.equal(questions);
    expect(questions.size).to.be.within(350, 360);
    const result = await run(activities.decideEvaluation, input);
    expect(result.verdict).to.equal('pass');
    expect(result.verdicts.find((one) => one.gate.startsWith('robustnessDeltaF1'))).to.include({
      ...{ verdict: 'pass', value: 0, n: 60 },
    });
    const evidence = await evidenceOf(result);
    const rows = await loadJsonLines({
      ...{ store, ref: evidence.files!['scores']! },
      schema: scoreRowSchema.extend({ arm: z.string() }),
    });
    expect(new Set(rows.map((row) => row.id)).size).to.equal(60);
    expect(evidence.inputs).to.include.keys('challengerProbes', 'challengerProbeAnswers');
    const again = await run(activities.openEvaluation, { ...common, champion: null });
    expect(again.probes.challenger!.sha256).to.equal(input.probed!.challenger!.probes.sha256);
  });

  it('are a golden set that nobody changed: one under another digest is named, and nobody asked', async () => {
    const { answers, asked, store } = await start({});
    const changed = cases.map((one, index) => JSON.stringify(index === 7 ? { ...one, reference: 'Else' } : one));
    await store.put({ key: 'golden/m/v1.jsonl', body: Buffer.from(`${changed.join('\n')}\n`) });
    const failure: unknown = await answers('m-r2').catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(PortError);
    expect(failure).to.include({ type: 'DigestMismatch' });
    expect(String(failure)).to.match(/store:\/\/golden\/m\/v1\.jsonl: SHA-256 is .*, expected .*; restore the object/);
    expect(asked).to.deep.equal([]);
  });

  it('are asked of the champion only where it is compared on them', async () => {
    const gates = [{ metric: 'robustnessDeltaF1', max: 0.5 }];
    const absolute = await start({ gates });
    const opened = await absolute.run(absolute.activities.openEvaluation, { ...absolute.common, champion: 'm-r1' });
    expect(opened.probes.champion).to.equal(null);
    await absolute.close();
    const guardrails = [{ metric: 'robustnessDeltaF1', kind: 'absolute', margin: 0.02 }];
    const { decision, activities, run } = await start({ guardrails, decision: 'nonInferior' });
    const result = await run(activities.decideEvaluation, await decision({ champion: true }));
    const guardrail = result.verdicts.find((one) => one.gate === 'guardrail robustnessDeltaF1')!;
    expect(guardrail).to.include({ verdict: 'pass', n: 60 });
    expect(guardrail.reason).to.match(/challenger 0 against champion 1,/);
  });

  it('are left out by name where nobody asked them, unless the spec gates on them itself', async () => {
    const { decision, activities, run } = await start({});
    const { probed: _probed, ...input } = await decision({ champion: false });
    const result = await run(activities.decideEvaluation, input);
    const leftOut = result.verdicts.filter((one) => one.gate.startsWith('left out'));
    expect(result.verdict).to.equal('pass');
    expect(leftOut.every((one) => one.informs)).to.equal(true);
    expect(leftOut.map((one) => one.reason)).to.include.members([
      'faithfulness: preset support-deterministic does without a judge',
      'robustnessDeltaF1: preset support-deterministic asks nothing beside the golden questions; name it in evaluation.gates to gate on it',
      'cosineToReference: preset support-deterministic embeds nothing; name it in evaluation.gates, where workers have an embedder, to gate on it',
    ]);
    await world.close();
    const own = await start({ gates: [{ metric: 'robustnessDeltaF1', max: 0.15 }] });
    const { probed: _none, ...unasked } = await own.decision({ champion: false });
    const held = await own.run(own.activities.decideEvaluation, unasked);
    expect(held.verdict).to.equal('unmeasured');
    expect(held.verdicts.find((one) => one.gate.startsWith('robustnessDeltaF1'))!.reason).to.match(
      /no probe of the kind typos was asked/,
    );
  });

  it('are tokens and a price for the cost, the time for the latency, and the language of the answer', async () => {
    const gates = [
      { metric: 'costUsd', max: 0.001 },
      { metric: 'latencyMs', max: 50 },
      { metric: 'languageMatch', min: 0.8 },
      { metric: 'behaviourChange', max: 0.5 },
    ];
    const { decision, activities, run } = await start(
      { gates, answerPrice: { input: 2, output: 10 }, decision: 'nonInferior' },
      ({ question }) => `Your parcel number ${number(question)} has arrived and is waiting for you in the depot today.`,
    );
    const result = await run(activities.decideEvaluation, await decision({ champion: true }));
    const of = (metric: string) => result.verdicts.find((one) => one.gate.startsWith(`${metric} `));
    expect(of('costUsd')).to.include({ verdict: 'pass', n: 60 });
    expect(of('costUsd')!.value).to.be.within(0.00068, 0.00072);
    expect(of('latencyMs')).to.include({ verdict: 'pass', n: 60 });
    expect(of('languageMatch')).to.include({ verdict: 'pass', value: 1 });
    expect(of('behaviourChange')).to.include({ verdict: 'pass', value: 0 });
  });
});
