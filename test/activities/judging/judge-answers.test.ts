import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { ModelScript } from '../../support/scripted-upstream.js';
import type { JudgingProgress } from '../../../src/activities/judging/judge-answers.js';
import { answerOf, judgeWorld, sensibleReply, type JudgeWorld } from './judge-world.js';

describe('judgeAnswers', () => {
  let world: JudgeWorld;
  beforeEach(async () => {
    world = await judgeWorld();
  });
  afterEach(() => world.close());

  /** Judges coherence, one call a case, with a judge that behaves like this. */
  async function judged(script: ModelScript, spec: Record<string, unknown> = {}) {
    world.upstream.script({ model: 'cheap', ...script });
    const specification = await world.specify({ metrics: ['coherence'], judge: spec });
    return await world.run({ specification, challenger: await world.rightAnswers() });
  }

  it('scores both arms by every judged metric of the spec, with the key and in order', async () => {
    const specification = await world.specify({ metrics: ['faithfulness', 'coherence'] });
    const champion = await world.putAnswers(
      'champion',
      world.cases.map(({ id }) => answerOf(id, `This is right ${id}. That is wrong`)),
    );
    const { rows, judging } = await world.run({ specification, challenger: await world.rightAnswers(), champion });
    expect(rows.map((row) => row.id)).to.deep.equal(world.cases.flatMap(({ id }) => [id, id, id, id]));
    const of = (arm: string, metric: string) =>
      rows.filter((row) => row.arm === arm && row.metric === metric).map((row) => row.score);
    expect(new Set(of('challenger', 'faithfulness'))).to.deep.equal(new Set([1]));
    expect(new Set(of('champion', 'faithfulness'))).to.deep.equal(new Set([0.5]));
    expect(new Set(of('champion', 'coherence'))).to.deep.equal(new Set([4]));
    expect(judging).to.include({ judge: 'cheap', cases: 6, calls: 36, cached: 0, unmeasured: 0 });
    expect(judging.forecast.calls).to.be.greaterThan(0);
    expect(judging.spentUsd).to.be.closeTo((36 * (7 * 5 + 3 * 20)) / 1e6, 1e-12);
    expect(world.upstream.received.every((one) => one.authorization === 'Bearer sk-judge')).to.equal(true);
  });

  it('gives documents to the judge, and leaves a case unmeasured that has no answer', async () => {
    const specification = await world.specify({});
    const challenger = await world.putAnswers('with documents', [
      answerOf('g0', 'All is right', { documents: [{ id: 'd1', text: 'Delivery is at noon.' }] }),
      answerOf('g1', null),
    ]);
    const { rows } = await world.run({ specification, challenger });
    expect(rows[0]).to.deep.include({ score: 1 });
    expect(rows[0]!.details).to.include({ context: 'documents' });
    expect(rows[1]).to.include({ score: null, reason: 'the endpoint refused it' });
    expect(rows[2]).to.include({ score: null, reason: 'the case has no answer' });
  });

  it('takes a choice by how likely the judge holds each letter; an endpoint without log-probabilities is named', async () => {
    const reply = (tokens: [string, number][] | null) => ({
      rawBody: JSON.stringify({
        choices: [
          {
            message: { role: 'assistant', content: 'C' },
            ...(tokens && {
              logprobs: {
                content: [{ top_logprobs: tokens.map(([token, p]) => ({ token, logprob: Math.log(p) })) }],
              },
            }),
          },
        ],
        usage: { prompt_tokens: 5, completion_tokens: 1 },
      }),
    });
    const specification = await world.specify({ metrics: ['factualAgreementByProbability'] });
    const challenger = await world.rightAnswers();
    world.upstream.script({ model: 'cheap', ...reply(null) });
    const without = await world.run({ specification, challenger });
    expect(without.rows[0]).to.include({ score: null });
    expect(without.rows[0]!.reason).to.match(/named no log-probabilities/);
    expect(world.asked('cheap')).to.equal(world.cases.length);
    const likely = reply([
      ['C', 0.6],
      ['A', 0.2],
    ]);
    world.upstream.script({ model: 'cheap', ...likely });
    const { rows } = await world.run({ specification, challenger, releaseId: 'm-r3' });
    expect(rows[0]!.score).to.be.closeTo(0.75 + 0.25 * 0.4, 1e-12);
    expect(rows[0]!.details['choice']).to.equal('C');
  });

  it('asks nothing again that was stored, and only what a change touches', async () => {
    const specification = await world.specify({});
    const challenger = await world.rightAnswers();
    const first = await world.run({ specification, challenger });
    const calls = world.asked('cheap');
    const again = await world.run({ specification, challenger, releaseId: 'm-r3' });
    expect(world.asked('cheap')).to.equal(calls);
    expect(again.rows).to.deep.equal(first.rows);
    expect(again.judging).to.include({ calls: 0, cached: 12, spentUsd: 0 });
    const changed = await world.putAnswers(
      'changed',
      world.cases.map(({ id }, index) => answerOf(id, index === 0 ? 'Quite right' : `This is right ${id}`)),
    );
    await world.run({ specification, challenger: changed, releaseId: 'm-r4' });
    expect(world.asked('cheap')).to.equal(calls + 2);
  });

  it('killed in the middle, it judges nothing again that was stored, and what it spent still counts', async () => {
    const specification = await world.specify({ metrics: ['coherence'] });
    const challenger = await world.rightAnswers();
    let answered = 0;
    world.upstream.script({
      model: 'cheap',
      each: (body) => (++answered > 3 ? { hangs: true } : { answer: sensibleReply(body) }),
    });
    const environment = new MockActivityEnvironment();
    const killed = world.run({ specification, challenger, environment, by: world.judge({ concurrency: 1 }) });
    while (world.upstream.received.length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    environment.cancel();
    expect(await killed.then(String, (error: Error) => error.name)).to.match(/Abort|Cancel/);

    const asked = new Set(world.upstream.received.slice(0, 3).map((one) => JSON.stringify(one.body)));
    const before = world.upstream.received.length;
    world.upstream.script({ model: 'cheap', each: (body) => ({ answer: sensibleReply(body) }) });
    const { rows, judging } = await world.run({ specification, challenger });
    const later = world.upstream.received.slice(before).map((one) => JSON.stringify(one.body));
    expect(later).to.have.length(3);
    expect(later.filter((body) => asked.has(body))).to.deep.equal([]);
    expect(rows.every((row) => row.score === 4)).to.equal(true);
    expect(judging).to.include({ calls: 3, cached: 3 });
    expect(judging.spentUsd).to.be.closeTo((6 * 95) / 1e6, 1e-12);
  });

  it('names every bad reply after three attempts, and never takes it for 0', async () => {
    const bad: [string, string, RegExp][] = [
      ['prose', 'I would give it four points.', /noJson: prose without JSON: "I would give it four points\."/],
      ['half JSON', '{"reason": "well bui', /brokenJson/],
      ['7 of 5', '{"reason": "great", "score": 7}', /outOfRange: score/],
      ['another language', '{"begründung": "gut", "note": 4}', /wrongShape: score.*note/],
      ['nothing', '', /empty/],
      ['NaN', '{"score": NaN}', /brokenJson/],
    ];
    for (const [name, answer, reason] of bad) {
      const before = world.upstream.received.length;
      const { rows } = await judged({ answer });
      expect(
        rows.map((row) => row.score),
        name,
      ).to.deep.equal(world.cases.map(() => null));
      expect(rows[0]!.reason, name)
        .to.match(/judge cheap, rate: no usable reply in 3/)
        .and.match(reason);
      expect(world.upstream.received.length - before, name).to.equal(18);
      const last = world.upstream.received.at(-1)!.body.messages;
      expect(last.at(-1)!.content, name).to.match(/can't be used/);
    }
  });

  it('takes the reply that comes right when the judge is told what was wrong', async () => {
    const { rows } = await judged({
      each: ({ messages }) => ({ answer: messages.length > 2 ? 'Sure: {"score": 2}' : 'four' }),
    });
    expect(rows.map((row) => row.score)).to.deep.equal([2, 2, 2, 2, 2, 2]);
  });

  it('waits as long as a 429 asks, for two minutes of them if need be', async () => {
    let refused = 0;
    const { rows } = await judged({
      each: (body) =>
        ++refused <= 24 ? { status: 429, headers: { 'retry-after': '5' } } : { answer: sensibleReply(body) },
    });
    expect(rows.every((row) => row.score === 4)).to.equal(true);
    expect(world.slept.every((milliseconds) => milliseconds <= 5000)).to.equal(true);
    expect(world.slept.length).to.be.greaterThan(0);
  });

  it('gives up on 429s without end, asks nothing more, and says so for every case', async () => {
    const { rows } = await judged({ status: 429, headers: { 'retry-after': '20' } });
    expect(rows.every((row) => row.score === null)).to.equal(true);
    expect(rows[0]!.reason).to.match(/HTTP 429.*for \d+ s/);
    expect(rows.at(-1)!.reason).to.match(/429/);
    const again = await judged({ status: 429, headers: { 'retry-after': '86400' } });
    expect(again.rows[0]!.reason).to.match(/asks for 86400 s more/);
    expect(Math.max(...world.slept)).to.be.at.most(180_000);
  });

  it('retries a 500 and a hang, then counts the judge as down for what is left', async () => {
    let failures = 0;
    const recovered = await judged({
      each: (body) => (++failures <= 2 ? { status: 500 } : { answer: sensibleReply(body) }),
    });
    expect(recovered.rows.every((row) => row.score === 4)).to.equal(true);
    const broken = await world.run({
      specification: await world.specify({ metrics: ['fluency'] }),
      challenger: await world.rightAnswers(),
      by: (world.upstream.script({ model: 'cheap', status: 503 }), world.judge({ concurrency: 1 })),
    });
    expect(broken.rows[0]!.reason).to.match(/HTTP 503.*4 attempts/);
    expect(broken.rows[5]!.reason).to.match(/judge is down, nothing more was asked/);
    world.upstream.script({ model: 'cheap', hangs: true });
    const hung = await world.run({
      specification: await world.specify({ metrics: ['helpfulness'] }),
      challenger: await world.rightAnswers(),
      by: world.judge({ concurrency: 6, timeoutMilliseconds: 50 }),
    });
    expect(hung.rows.every((row) => row.score === null && / 2 attempts$/.test(row.reason!))).to.equal(true);
  });

  it('leaves one case unmeasured that is too long for the judge, and asks no wrong key twice', async () => {
    const { rows } = await judged({
      each: (body) =>
        body.messages[1]!.content.includes('Question 3') ? { status: 400 } : { answer: sensibleReply(body) },
    });
    expect(rows.filter((row) => row.score === null).map((row) => row.id)).to.deep.equal(['g3']);
    expect(rows[3]!.reason).to.match(/judge cheap gave no answer: .*HTTP 400/);
    world.upstream.script({ model: 'other', status: 401 });
    const before = world.upstream.received.length;
    const refused = await world.run({
      specification: await world.specify({ metrics: ['fluency'], judge: { model: 'other' } }),
      challenger: await world.rightAnswers(),
      by: world.judge({ concurrency: 1 }),
    });
    expect(world.upstream.received.length - before).to.equal(1);
    expect(refused.rows[5]!.reason).to.match(/judge is down.*HTTP 401/);
  });

  it('stops at the cap with the spend so far, and begins nothing that can not be paid', async () => {
    const prices = { cheap: { input: 0, output: 1000 } };
    const capped = await judged({ each: (body) => ({ answer: sensibleReply(body) }) }, { budgetUsd: 0.005, prices });
    const left = capped.rows.filter((row) => row.score === null);
    expect(left.length).to.be.within(1, 5);
    expect(left[0]!.reason).to.match(/over the judge's budget of 0\.0050 USD: 0\.0\d+ USD spent so far/);
    expect(capped.judging.spentUsd).to.be.within(0.005, 0.005 + 4 * 0.003);
    const before = world.upstream.received.length;
    const dear = { cheap: { input: 1e6, output: 0 } };
    const specification = await world.specify({ metrics: ['fluency'], judge: { prices: dear, budgetUsd: 5 } });
    const refused = await world.run({ specification, challenger: await world.rightAnswers() });
    expect(world.upstream.received.length).to.equal(before);
    expect(refused.rows.every((row) => row.score === null)).to.equal(true);
    expect(refused.rows[0]!.reason).to.match(/questions alone cost .* USD; 0\.0000 USD spent so far/);
  });

  it('stops at the cap also where the judge counts no tokens', async () => {
    const prices = { cheap: { input: 0, output: 1000 } };
    const uncounted = (body: Parameters<typeof sensibleReply>[0]) => ({
      rawBody: JSON.stringify({ choices: [{ message: { content: sensibleReply(body) } }] }),
    });
    const { rows, judging } = await judged({ each: uncounted }, { budgetUsd: 0.005, prices });
    expect(rows.find((row) => row.score === null)!.reason).to.match(/over the judge's budget of 0\.0050 USD/);
    expect(judging.spentUsd).to.be.at.least(0.005);
  });

  it('says with every judgement what was spent, of what, and what is foreseen', async () => {
    const said: JudgingProgress[] = [];
    const specification = await world.specify({ metrics: ['coherence'], judge: { budgetUsd: 3 } });
    const { judging } = await world.run({
      ...{ specification, challenger: await world.rightAnswers() },
      progress: (now) => said.push(now),
    });
    expect(said.map(({ judged }) => judged)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    const { forecast, spentUsd, calls } = judging;
    expect(forecast.expectedUsd).to.be.greaterThan(0);
    expect(said.at(-1)).to.deep.include({ of: 6, capUsd: 3, forecast, spentUsd, calls });
    expect(said[0]!.spentUsd).to.be.within(1e-9, spentUsd);
  });

  it('says what is missing where the worker has no judge', async () => {
    const input = { specification: await world.specify({}), challenger: await world.rightAnswers(), by: null };
    expect(await world.run(input).then(String, (error: Error) => error.message)).to.match(
      /no judge is configured: set JUDGE_BASE_URL/,
    );
  });
});
