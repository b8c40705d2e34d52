import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createAnswerActivities } from '../../src/activities/answers.js';
import { evidenceSchema, type Evidence } from '../../src/activities/evidence-file.js';
import { createEvaluationActivities } from '../../src/activities/evaluation.js';
import { PortError, type ChatModel } from '../../src/activities/ports.js';
import { recomputePowerPlan } from '../../src/activities/recompute/recompute-power-plan.js';
import { loadJson, loadJsonLines } from '../../src/activities/stored-json.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { answerSchema } from '../../src/domain/evaluation/answer.js';
import type { ArmScores } from '../../src/domain/evaluation/judge-answers.js';
import { scoreRowSchema } from '../../src/domain/evaluation/score-answers.js';
import { concludeEvaluation } from '../../src/domain/evaluation/conclude-evaluation.js';
import { evidenceDigestOf } from '../../src/domain/evaluation/evidence-digest.js';
import { canonicalJson, digestOf } from '../../src/domain/release/evidence.js';
import { newestRules, rulesOf } from '../../src/domain/release/rules.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';
import { z } from 'zod';

const cases = Array.from({ length: 60 }, (_, index) => ({
  id: `g${index}`,
  input: `Where is parcel number ${index}?`,
  reference: `Parcel number ${index} is in the depot of city ${index % 30} today`,
  cluster: `customer-${index % 30}`,
  tags: { category: index % 2 ? 'tracking' : 'delay' },
}));
const good = (input: string): string => {
  const number = Number(/\d+/.exec(input)![0]);
  return cases[number]!.reference;
};
const rows = [
  { customer_query: 'Where is my parcel?', category: 'tracking', agent_response: 'Your parcel is on its way' },
  { customer_query: 'Why so late?', category: 'delay', agent_response: 'We are sorry for the delay' },
];

/** Runs an activity as Temporal would, keeping its types. */
const inActivity = async <Input, Output>(activity: (input: Input) => Promise<Output>, input: Input): Promise<Output> =>
  await new MockActivityEnvironment().run((given: Input) => activity(given), input);

describe('evaluation activities', () => {
  let root: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-evaluation-'));
    store = new DirectoryStore({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const lines = (all: readonly unknown[]): Buffer => Buffer.from(all.map((one) => `${JSON.stringify(one)}\n`).join(''));

  async function putSpecification(change: Record<string, unknown> = {}): Promise<ArtifactRef> {
    const golden = await store.put({ key: 'golden/m/v1.jsonl', body: lines(cases) });
    const { spec, problems } = parseModelSpec({
      apiVersion: 'understudy/v1',
      model: 'm',
      base: { id: 'base' },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: { preset: 'support-deterministic', baseline: { kind: 'keyword-category' }, ...change },
    });
    expect(problems).to.deep.equal([]);
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const specification = {
      version: 1,
      spec,
      golden: { name: 'm', version: 'v1', ref: golden },
      prompt,
      promptDigest: 'p',
      overlays: [],
    };
    return await store.put({ key: 'specs/m/1.json', body: Buffer.from(canonicalJson(specification)) });
  }

  /** A model on the wire that answers as `reply` says; `asked` is every request it got. */
  function chatModel(reply: (input: string) => string | Error): { chat: ChatModel; asked: string[] } {
    const asked: string[] = [];
    return {
      asked,
      chat: {
        complete: async ({ messages }) => {
          const input = messages.at(-1)!.content;
          asked.push(input);
          const answer = reply(input);
          if (answer instanceof Error) throw answer;
          return { text: answer, promptTokens: 5, completionTokens: 5, milliseconds: 1 };
        },
      },
    };
  }

  const target = (releaseId: string, specification: ArtifactRef) => ({
    releaseId,
    endpoint: 'http://127.0.0.1:1/v1',
    adapter: releaseId,
    specification,
  });

  async function answersOf({
    releaseId,
    specification,
    reply,
  }: {
    releaseId: string;
    specification: ArtifactRef;
    reply: (input: string) => string | Error;
  }) {
    const { chat, asked } = chatModel(reply);
    const { generateAnswers } = createAnswerActivities({ store, chat });
    const run = () =>
      inActivity(generateAnswers, {
        releaseId: 'm-r2',
        model: 'm',
        specification,
        target: target(releaseId, specification),
      });
    return { run, asked };
  }

  const answersIn = (ref: ArtifactRef) => loadJsonLines({ store, ref, schema: answerSchema });

  async function decide({
    specification,
    challenger,
    champion,
  }: {
    specification: ArtifactRef;
    challenger: ArtifactRef;
    champion: ArtifactRef | null;
  }) {
    const { decideEvaluation } = createEvaluationActivities({
      store,
      audit: new StoreAudit({ store }),
      registry: null,
    });
    const table = await store.put({ key: 'table.jsonl', body: lines(rows) });
    const dataset = {
      name: 'm',
      digest: 'd',
      read: 2,
      rows: 2,
      deadLettered: {},
      train: table,
      validation: table,
      manifest: table,
      table,
    };
    return await inActivity(decideEvaluation, {
      releaseId: 'm-r2',
      model: 'm',
      specification,
      dataset,
      champion: champion && 'm-r1',
      championAnswers: champion,
      challengerAnswers: challenger,
      attempt: 1,
    });
  }

  it('asks each case once, however often it is retried', async () => {
    const specification = await putSpecification();
    let failures = 1;
    const { run, asked } = await answersOf({
      releaseId: 'm-r2',
      specification,
      reply: (input) =>
        input.includes(' 40?') && failures-- > 0 ? new PortError('Unavailable', 'the endpoint is gone') : good(input),
    });
    expect(await run().then(String, (error: Error) => error.message)).to.equal('the endpoint is gone');
    const ref = await run();
    const answers = await loadJsonLines({ store, ref, schema: answerSchema });
    expect(answers.map((one) => one.id)).to.deep.equal(cases.map((one) => one.id));
    expect(new Set(asked).size).to.equal(60);
    expect(asked.length).to.be.lessThan(75);
    const before = asked.length;
    await run();
    expect(asked.length).to.equal(before);
  });

  it('leaves a case unmeasured that the endpoint refuses, with its reason', async () => {
    const specification = await putSpecification();
    const { run } = await answersOf({
      releaseId: 'm-r2',
      specification,
      reply: (input) =>
        input.includes(' 7?') ? new PortError('InvalidInput', 'longer than the context') : good(input),
    });
    const answers = await loadJsonLines({ store, ref: await run(), schema: answerSchema });
    expect(answers.find((one) => one.id === 'g7')).to.deep.include({ answer: null, reason: 'longer than the context' });
  });

  it('passes a first release that beats the limits and the baseline', async () => {
    const specification = await putSpecification();
    const challenger = await (await answersOf({ releaseId: 'm-r2', specification, reply: good })).run();
    const decided = await decide({ specification, challenger, champion: null });
    expect(decided.verdict).to.equal('pass');
    expect(decided.verdicts.map((one) => one.gate)).to.include.members([
      'tokenF1 >= 0.65',
      'baseline tokenF1',
      'unmeasured',
    ]);
  });

  it('fails a challenger that is worse than the champion, and the decision can be repeated from what was stored', async () => {
    const specification = await putSpecification({
      gates: [
        { metric: 'tokenF1', min: 0.1 },
        { metric: 'quasiExactMatch', min: 0 },
      ],
    });
    const champion = await (await answersOf({ releaseId: 'm-r1', specification, reply: good })).run();
    const worse = (input: string): string =>
      Number(/\d+/.exec(input)![0]) % 2 ? good(input) : 'I am not sure about the parcel';
    const challenger = await (await answersOf({ releaseId: 'm-r2', specification, reply: worse })).run();
    const decided = await decide({ specification, challenger, champion });
    expect(decided.verdict).to.equal('fail');
    const superior = decided.verdicts.find((one) => one.gate === 'superior tokenF1');
    expect(superior?.verdict).to.equal('fail');
    expect(superior?.reason).to.match(/challenger 0\.\d+ against champion 1/);

    const evidence = await loadJson({ store, ref: decided.evidence!, schema: evidenceSchema });
    const stored = await loadJsonLines({
      store,
      ref: superior!.evidence!,
      schema: scoreRowSchema.extend({ arm: z.enum(['challenger', 'champion', 'baseline']) }),
    });
    const arm = (name: string) => stored.filter((row) => row.arm === name).map(({ arm: _arm, ...row }) => row);
    const scores: ArmScores = { challenger: arm('challenger'), champion: arm('champion'), baseline: arm('baseline') };
    const { spec } = JSON.parse(Buffer.from((await store.get({ key: 'specs/m/1.json' }))!.body).toString()) as {
      spec: { evaluation: never };
    };
    const answers = { challenger: await answersIn(challenger), champion: await answersIn(champion) };
    const repeated = concludeEvaluation({
      ...{ spec: spec.evaluation, cases, answers, scores, seed: evidence.seed, rules: rulesOf(evidence) },
      leftOut: evidence.leftOut,
      evidence: superior!.evidence,
    });
    expect(repeated.verdicts).to.deep.equal(evidence.verdicts);
    expect(repeated.flags).to.deep.equal(evidence.flags);
    expect(decided.halts).to.have.length(1);
    expect(decided.halts![0]).to.match(/^behaviour: 50 % of 60 cases answered otherwise/);
    expect(decided.verdicts.find((one) => one.gate === 'flag behaviourChange')).to.include({
      ...{ verdict: 'inconclusive', value: 0.5, informs: true },
    });
    expect(evidenceDigestOf(evidence)).to.equal(decided.evidenceDigest);
    expect(evidence.rules).to.equal(newestRules);
    expect(superior!.reason).to.match(/better would pass/);
    const { rules: _rules, ...rest } = evidence;
    const old: Evidence = rest;
    expect(rulesOf(old)).to.equal(1);
    expect(evidenceDigestOf(old)).to.equal(digestOf({ ...old.inputs, verdicts: old.verdicts, seed: old.seed }));
    const byOldRules = concludeEvaluation({
      ...{ spec: spec.evaluation, cases, answers, scores, seed: 1, rules: rulesOf(old), evidence: null },
    });
    expect(byOldRules.verdicts.map((one) => `${one.gate} ${one.reason}`).join()).not.to.match(/better would pass|flag/);
  });

  it('is unmeasured when more cases than the limit have no answer, never a pass', async () => {
    const specification = await putSpecification();
    const { run } = await answersOf({
      releaseId: 'm-r2',
      specification,
      reply: (input) => (/ [0-4]\?/.test(input) ? new PortError('InvalidInput', 'refused') : good(input)),
    });
    const decided = await decide({ specification, challenger: await run(), champion: null });
    expect(decided.verdict).to.equal('unmeasured');
  });

  it('refuses a hopeless comparison before the challenger is asked, and counts attempts on a golden version', async () => {
    const specification = await putSpecification();
    const champion = await (await answersOf({ releaseId: 'm-r1', specification, reply: good })).run();
    const { planEvaluation } = createEvaluationActivities({ store, audit: new StoreAudit({ store }), registry: null });
    const plan = (releaseId: string) =>
      inActivity(planEvaluation, {
        releaseId,
        model: 'm',
        specification,
        championAnswers: champion,
      });
    const first = await plan('m-r2');
    expect(first.attempt).to.equal(1);
    expect(first.refusal?.verdict).to.equal('inconclusive');
    expect(first.refusal?.verdicts[0]?.reason).to.match(/no challenger can pass/);
    expect((await plan('m-r2')).attempt).to.equal(1);
    expect((await plan('m-r3')).attempt).to.equal(2);
    const again = await recomputePowerPlan({ store, releaseId: 'm-r2' });
    expect(again).to.deep.include({ part: 'power plan', verdict: 'inconclusive', differences: [], asRecorded: [] });
    const key = storeKeys.release({ releaseId: 'm-r2', file: 'evaluation/power-plan.json' });
    const told = Buffer.from((await store.get({ key }))!.body).toString();
    await store.put({ key, body: Buffer.from(told.replaceAll('no challenger can pass', 'no one can pass')) });
    const edited = await recomputePowerPlan({ store, releaseId: 'm-r2' });
    expect(edited?.differences.map(({ what }) => what)).to.deep.equal([`${first.refusal!.verdicts[0]!.gate}: reason`]);
    expect(await recomputePowerPlan({ store, releaseId: 'm-r1' })).to.equal(null);
  });
});
