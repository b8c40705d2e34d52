import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { openLoop } from '../../../src/activities/load/open-loop.js';
import { createLoadActivities, loadEvidenceSchema } from '../../../src/activities/load/run-load.js';
import { systemTiming } from '../../../src/activities/judging/pacer.js';
import { encodeSegment } from '../../../src/activities/segment-file.js';
import { loadJson } from '../../../src/activities/stored-json.js';
import { OpenAiStream } from '../../../src/adapters/openai-chat/openai-stream.js';
import type { LoadInput, LoadResult } from '../../../src/contracts/load.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../../support/scripted-upstream.js';
import { evaluationWorld, type EvaluationWorld } from '../support/evaluation-world.js';

const golden = ['a', 'b'].map((id) => ({ id, cluster: id, input: `golden question ${id}`, reference: 'r', tags: {} }));
const timeless = { ...systemTiming };
const noSignal = new AbortController().signal;

describe('open loop', () => {
  it('measures from when a request was due: a server that takes one at a time is seen to be slow', async () => {
    let free = Promise.resolve();
    const samples = await openLoop({
      step: { perSecond: 200, milliseconds: 500 },
      index: 0,
      seed: 1,
      timing: timeless,
      signal: noSignal,
      timeoutMilliseconds: 60_000,
      ask: async () => {
        const began = performance.now();
        const mine = free.then(() => new Promise<void>((resolve) => setTimeout(resolve, 20)));
        free = mine;
        await mine;
        const milliseconds = performance.now() - began;
        return { firstTokenMilliseconds: milliseconds, milliseconds, completionTokens: 1 };
      },
    });
    // Some 100 requests need 2 s of a server that they reach within 0.5 s; a closed loop would see 20 ms each.
    expect(samples.length).to.be.within(60, 140);
    const slowest = Math.max(...samples.map(({ latency }) => latency));
    expect(slowest).to.be.greaterThan(600);
    expect(samples.map(({ due }) => due)).to.deep.equal(samples.map(({ due }) => due).toSorted((a, b) => a - b));
  });

  it('counts what hangs as failed after its time, and goes on', async () => {
    const samples = await openLoop({
      step: { perSecond: 100, milliseconds: 100 },
      index: 2,
      seed: 1,
      timing: timeless,
      signal: noSignal,
      timeoutMilliseconds: 50,
      ask: (_n, signal) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('timed out')))),
    });
    expect(samples.length).to.be.greaterThan(0);
    for (const one of samples) expect(one).to.include({ step: 2, error: 'Unavailable', firstToken: null });
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const running = openLoop({
      step: { perSecond: 100, milliseconds: 60_000 },
      index: 0,
      seed: 1,
      timing: timeless,
      timeoutMilliseconds: 1000,
      signal: controller.signal,
      ask: async (n) => {
        if (n === 3) controller.abort(new Error('stop'));
        return { firstTokenMilliseconds: 1, milliseconds: 1, completionTokens: 1 };
      },
    });
    expect(await running.catch((error: Error) => error.message)).to.equal('stop');
  });
});

describe('a load test of many requests', () => {
  it('keeps all of a step that has more than a call takes arguments', async function () {
    this.timeout(120_000);
    const world = await evaluationWorld({ cases: golden, evaluation: {}, says: () => 'x' });
    // A clock of its own, so that none of it takes its time.
    let now = 0;
    const timing = {
      now: () => now,
      sleep: (milliseconds: number) => {
        now += milliseconds;
        return Promise.resolve();
      },
    };
    const answer = { firstTokenMilliseconds: 1, milliseconds: 2, completionTokens: 1 };
    const ask = () => Promise.resolve(answer);
    const { runLoadTest } = createLoadActivities({ store: world.store, stream: { ask }, timing });
    try {
      const input = { ...asked(world), perSecond: 10_000, milliseconds: 13_000 };
      const result: LoadResult = await new MockActivityEnvironment().run(
        (given: LoadInput) => runLoadTest(given),
        input,
      );
      const { steps } = await loadJson({ store: world.store, ref: result.evidence, schema: loadEvidenceSchema });
      expect(steps.at(-1)!.requests).to.be.greaterThan(125_000);
    } finally {
      await world.close();
    }
  });
});

const asked = (world: EvaluationWorld): LoadInput => ({
  releaseId: 'm-r2',
  model: 'm',
  target: {
    ...{ releaseId: 'm-r2', endpoint: 'http://127.0.0.1:1/v1', adapter: 'm-r2' },
    ...{ promptDigest: null, indexVersion: null },
  },
  specification: world.common.specification,
  perSecond: 40,
  milliseconds: 400,
  minimumSuccess: 0.99,
  latencyP95Milliseconds: 20_000,
  firstTokenP95Milliseconds: 20_000,
  evidenceDigest: 'e'.repeat(64),
});

describe('runLoadTest', () => {
  let world: EvaluationWorld;
  let upstream: ScriptedUpstream;
  const stream = new OpenAiStream({ apiKey: 'sk-load' });
  beforeEach(async () => {
    world = await evaluationWorld({ cases: golden, evaluation: {}, says: () => 'x' });
    upstream = await startScriptedUpstream();
  });
  afterEach(async () => {
    await upstream.close();
    await world.close();
  });
  after(() => stream.close());

  const run = async (change: Partial<LoadInput> = {}) => {
    const { runLoadTest } = createLoadActivities({ store: world.store, stream });
    const usual = asked(world);
    const input: LoadInput = { ...usual, target: { ...usual.target, endpoint: upstream.endpoint }, ...change };
    const result: LoadResult = await new MockActivityEnvironment().run((given: LoadInput) => runLoadTest(given), input);
    const evidence = await loadJson({ store: world.store, ref: result.evidence, schema: loadEvidenceSchema });
    return { result, evidence };
  };

  it('refuses for good what would take all memory of the worker', async () => {
    const error = await run({ perSecond: 1e9 }).catch((failure: unknown) => failure);
    expect(error).to.deep.include({ type: 'InvalidInput', retryable: false });
    expect(upstream.received).to.deep.equal([]);
  });

  it('asks the golden questions through the release’s prompt, streamed, and names the evidence before it', async () => {
    const { result, evidence } = await run();
    expect(result).to.include({ verdict: 'pass', knee: null, kept: 40 });
    expect(evidence).to.deep.include({ before: 'e'.repeat(64), questions: { from: 'golden set', count: 2 } });
    expect(evidence.steps).to.have.length(4);
    const asked = evidence.steps.reduce((sum, one) => sum + one.requests, 0);
    expect(upstream.received).to.have.length(asked);
    for (const { body, authorization } of upstream.received) {
      expect(body).to.deep.include({ model: 'm-r2', stream: true, max_tokens: 32, temperature: 0 });
      expect(body.messages.at(-1)!.content).to.match(/^golden question [ab]$/);
      expect(authorization).to.equal('Bearer sk-load');
    }
    expect(evidence.steps.at(-1)!.firstTokenP50).to.be.greaterThan(0);
    expect(evidence.steps.at(-1)!.tokensPerSecond).to.be.greaterThan(0);
  });

  it('asks what users asked where enough of it is recorded', async () => {
    const line = (n: number) => JSON.stringify({ kind: 'answer', query: `recorded ${n}` });
    const lines = Array.from({ length: 60 }, (_, n) => line(n));
    await world.store.put({
      key: 'requests/m/2026-03-01/00/g1-1.jsonl',
      body: Buffer.from(`${lines.slice(0, 30).join('\n')}\n`),
    });
    const body = await encodeSegment({ lines: lines.slice(30) });
    await world.store.put({ key: 'requests/m/2026-03-01/01/g1-2.jsonl.zst', body });
    const { evidence } = await run();
    expect(evidence.questions).to.deep.equal({ from: 'request log', count: 60 });
    for (const { body: sent } of upstream.received) expect(sent.messages.at(-1)!.content).to.match(/^recorded \d+$/);
  });

  it('stops at the first rate that breaks a limit: more load would only harm', async () => {
    upstream.script({ model: 'm-r2', status: 503 });
    const { result, evidence } = await run();
    expect(result).to.include({ verdict: 'fail', kept: null, knee: 10 });
    expect(evidence.steps).to.have.length(1);
    expect(evidence.steps[0]!.errors).to.have.property('Unavailable');
  });

  it('counts a stream that breaks off as failed', async () => {
    upstream.script({ model: 'm-r2', breaksAfterChunks: 1 });
    const { result } = await run();
    expect(result.verdict).to.equal('fail');
  });

  it('alone, it leaves what an approval has signed in its place', async () => {
    const { result } = await run({ evidenceDigest: null });
    expect(result.evidence.uri).to.equal('store://releases/m-r2/load-alone/evidence.json');
  });
});
