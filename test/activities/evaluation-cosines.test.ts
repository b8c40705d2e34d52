import { expect } from 'chai';
import { storeKeys } from '../../src/contracts/store-keys.js';
import type { GoldenCase } from '../../src/domain/dataset/golden.js';
import { concludeEvaluation } from '../../src/domain/evaluation/conclude-evaluation.js';
import { armsWithCosines, cosineRowSchema, observeCosines } from '../../src/activities/evaluation-cosines.js';
import { loadJsonLines } from '../../src/activities/stored-json.js';
import { evaluationWorld, type EvaluationWorld } from './support/evaluation-world.js';
import { letterEmbedder } from './support/letter-embedder.js';

const cases: GoldenCase[] = Array.from({ length: 60 }, (_, i) => ({
  ...{ id: `g${i}`, input: `Where is parcel ${i}?`, reference: `Parcel ${i} is in the depot` },
  ...{ cluster: `c${i % 30}`, tags: {} },
}));
/** The challenger says the same letters in other words' order; the champion something else. */
const says = ({ release, question }: { release: string; question: string }): string =>
  release === 'm-r2' ? `in the depot is parcel ${/\d+/.exec(question)![0]}` : 'zzz';

describe('cosines', () => {
  let world: EvaluationWorld;
  afterEach(() => world.close());
  const gates = [
    { metric: 'tokenF1', min: 0 },
    { metric: 'quasiExactMatch', min: 0 },
    { metric: 'cosineToReference', min: 0.7 },
  ];
  const start = async (embedder: ReturnType<typeof letterEmbedder> | null, evaluation = {}): Promise<EvaluationWorld> =>
    (world = await evaluationWorld({
      ...{
        cases,
        says,
        evaluation: {
          gates,
          primary: [{ metric: 'cosineToReference', kind: 'absolute', minimumEffect: 0 }],
          ...evaluation,
        },
      },
      openEmbedder: embedder && embedder.open,
    }));

  it('gate, compare and tell a change of behaviour, and a repeated decision needs no embedder', async () => {
    const embedder = letterEmbedder();
    const { decision, activities, run, evidenceOf, store, spec } = await start(embedder);
    const input = await decision({ champion: true });
    const result = await run(activities.decideEvaluation, input);
    const verdictOf = (gate: string) => result.verdicts.find((one) => one.gate === gate)!;
    expect(verdictOf('cosineToReference >= 0.7')).to.include({ verdict: 'pass', n: 60 });
    expect(verdictOf('superior cosineToReference').verdict).to.equal('pass');
    expect(verdictOf('flag behaviourChange')).to.include({ value: 1, informs: true });
    const evidence = await evidenceOf(result);
    expect(evidence.inputs).to.include({ embedder: 'letters@1' });
    const rows = await loadJsonLines({ store, ref: evidence.files!['cosines']!, schema: cosineRowSchema });
    expect(rows).to.have.length(120);
    expect(rows[0]!.cosineToReference).to.be.closeTo(1, 1e-6);
    expect(rows[0]!.cosineToChampion).to.be.closeTo(0, 1e-6);
    expect(rows.at(-1)).to.not.have.property('cosineToChampion');
    const answersOf = async (name: string) => await world.answersIn(evidence.files![name]!);
    const answers = { challenger: await answersOf('challengerAnswers'), champion: await answersOf('championAnswers') };
    const flags = concludeEvaluation({
      ...{ spec, cases, scores: { challenger: [], champion: null, baseline: null }, seed: 1, evidence: null, rules: 4 },
      answers: armsWithCosines({ answers, rows }),
    }).flags;
    expect(flags).to.deep.equal(evidence.flags);
  });

  it('embed every text once, whoever asks again', async () => {
    const embedder = letterEmbedder();
    const { decision, activities, run } = await start(embedder);
    const input = await decision({ champion: true });
    const plan = await run(activities.planEvaluation, input);
    expect(plan.refusal).to.equal(null);
    await run(activities.decideEvaluation, input);
    const first = embedder.embedded.length;
    expect(first).to.equal(60 + 60 + 1);
    await run(activities.decideEvaluation, input);
    expect(embedder.embedded.length).to.equal(first);
  });

  it('take a stored file that is not the vectors for none, and an empty answer for one that says nothing', async () => {
    const embedder = letterEmbedder();
    const { store } = await start(embedder);
    const answers = {
      challenger: [
        { id: 'g0', answer: ' ', reason: null },
        { id: 'g1', answer: null, reason: 'down' },
      ],
      champion: null,
    };
    const observed = async () => observeCosines({ store, embedder: await embedder.open(), cases, answers });
    const rows = await observed();
    expect(rows).to.deep.equal([{ arm: 'challenger', id: 'g0', cosineToReference: 0 }]);
    for await (const { key } of store.list({ prefix: 'cache/embeddings/' }))
      await store.put({ key, body: Buffer.from('half') });
    expect(await observed()).to.deep.equal(rows);
    expect(embedder.embedded).to.have.length(120);
    expect(storeKeys.embeddings({ digest: 'abc' })).to.equal('cache/embeddings/ab/abc.f32');
  });

  it('are unmeasured without an embedder, and cost nothing where no gate needs them', async () => {
    const { decision, activities, run } = await start(null);
    const input = await decision({ champion: true });
    expect((await run(activities.planEvaluation, input)).refusal).to.equal(null);
    const result = await run(activities.decideEvaluation, input);
    const gate = result.verdicts.find((one) => one.gate === 'cosineToReference >= 0.7')!;
    expect(gate.verdict).to.equal('unmeasured');
    expect(gate.reason).to.contain('no embedder is configured');
    await world.close();
    const embedder = letterEmbedder();
    const plain = { gates: gates.slice(0, 2), primary: [{ metric: 'tokenF1', kind: 'absolute', minimumEffect: 0 }] };
    const quiet = await start(embedder, plain);
    await quiet.run(quiet.activities.decideEvaluation, await quiet.decision({ champion: true }));
    expect(embedder.opened()).to.equal(0);
  });
});
