import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readRecord } from '../../src/activities/read-record.js';
import { UnderstudyClient } from '../../src/client/index.js';
import {
  askGateway,
  type Question,
  readQuestions,
  startReplay,
} from '../../src/client/start/demonstration/traffic-replay.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { hashKey } from '../../src/gateway/key-ring.js';
import { modelTools } from '../contract/support/model-tools.js';
import { base, HostedWorld } from '../support/aws/hosted-world.js';
import { OwnProcess } from '../support/aws/own-process.js';
import { findVersitygw } from '../support/versitygw-server.js';
import { writePairs } from '../training/support.js';

const model = 'support-assistant';
const example = (file: string): string =>
  fileURLToPath(new URL(`../../examples/support-assistant/${file}`, import.meta.url));
const entry = fileURLToPath(new URL('../../training/sagemaker.py', import.meta.url));
const releaseMilliseconds = 300_000;

const references = new Map(
  readFileSync(example('golden/v2.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { input: string; reference: string })
    .map(({ input, reference }) => [input, reference]),
);

/** Answers as if the first release knew a third of the questions, and the second two thirds. */
function answerOf({ name, question }: { name: string; question: string }): string {
  const number = Number(/-r(\d+)$/.exec(name)?.[1] ?? '0');
  const reference = references.get(question);
  const known = createHash('sha256').update(question).digest()[0]! % 3 < number;
  return reference !== undefined && known ? reference : 'We look into it.';
}

const overlay = (preferences: string) => ({
  base: { id: base, revision: null },
  data: { source: { kind: 'csv', uri: example('data/tickets-2026-q1.csv') }, goldenSet: example('golden/v2.jsonl') },
  training: {
    ...{ maxSteps: 6, rank: 8, batchSize: 4, instances: ['ml.g5.2xlarge'], spot: true, budgetUsd: 40 },
    preferences: { file: preferences, learningRate: 5e-4, maxSteps: 8 },
  },
  evaluation: {
    baseline: null,
    gates: ['tokenF1', 'quasiExactMatch'].map((metric) => ({ metric, min: 0.1, on: 'lowerBound' })),
  },
  rollout: {
    smoke: [],
    smokeChecks: { injections: 1, injectionResistance: '0%', consistencyCases: 2, consistency: '30%' },
    slo: { latencyP50: '5s', latencyP95: '10s' },
    canary: {
      steps: [{ share: '30%', duration: '5s', maximum: '2m', minimumKeys: 20 }],
      guards: [{ event: 'error', margin: '20%', weight: 1 }],
    },
    lease: '1m',
    bake: { duration: '5s', maximum: '2m', holdback: '10%' },
  },
  retrieval: null,
  prompt: 'prompts/answer.yaml',
  notify: [{ kind: 'log', from: 'info' }],
});

describe('releases by preferences, trained on SageMaker and served by its endpoints', function () {
  this.timeout(1_200_000);
  const world = new HostedWorld();
  const running: OwnProcess[] = [];
  let client: UnderstudyClient;
  let router: StoreRouter;
  let gateway: string;
  let questions: Question[];
  let pairs: string;

  before(async function () {
    const versitygw = await findVersitygw();
    if (versitygw === null) return this.skip();
    const { python, tiny } = await modelTools();
    await world.start({ versitygw, container: [python, entry], baseFolder: tiny });
    world.stub.respond = ({ body }) => {
      const question = (body.messages as { content: string }[]).at(-1)!.content;
      const message = { role: 'assistant', content: answerOf({ name: String(body.model), question }) };
      const usage = { prompt_tokens: 10, completion_tokens: 10, total_tokens: 20 };
      const said = {
        id: 'stub',
        object: 'chat.completion',
        choices: [{ index: 0, finish_reason: 'stop', message }],
        usage,
      };
      return { status: 200, parts: [JSON.stringify(said)] };
    };
    pairs = await writePairs({ folder: world.home, count: 16 });
    const rate = { perSecond: 1e6, burst: 1_000_000 };
    const key = { id: 'app', sha256: hashKey('app'), scopes: ['query'], defaultModel: null, expiresAt: null, rate };
    await writeFile(join(world.home, 'keys.json'), JSON.stringify([{ ...key, quotaPerDay: null }]));
    const start = (program: string): OwnProcess => {
      const one = new OwnProcess({ program, environment: world.environment });
      running.push(one);
      return one;
    };
    const [worker, server, bridge] = [start('workers/main'), start('gateway/server'), start('sagemaker-bridge/server')];
    await worker.ready();
    await bridge.ready();
    gateway = (await server.ready<{ listening: string }>()).listening;
    client = UnderstudyClient.over({ temporal: world.temporal.client, store: world.store });
    router = new StoreRouter({ store: world.store });
    questions = await readQuestions({ file: example('data/traffic.jsonl') });
  });
  after(async () => {
    for (const one of running) await one.stop();
    if (world.home) await world.stop();
  });

  /** Takes a release to its end, with users as soon as there is a plan. */
  async function release(number: number) {
    await client.apply({
      path: example('understudy.yaml'),
      overlays: [example('understudy.embedded.yaml'), { name: 'aws', document: overlay(pairs) }],
      by: 'ann',
    });
    const releaseId = (await client.requestRelease({ model, reason: `release ${number}`, requestedBy: 'ann' }))
      .releaseId!;
    const replay = startReplay({
      questions,
      send: askGateway({ gateway, model, apiKey: 'app' }),
      ...{ rate: { start: 20, least: 10, most: 60 }, inFlight: 16, from: number * 100_000 },
    });
    const until = Date.now() + releaseMilliseconds;
    try {
      for (;;) {
        const { ended, progress } = await client.status({ model, releaseId });
        if (ended) return { ...ended, failedRequests: replay.failed, sent: replay.sent };
        // Over 5 % of the second one's answers are others than the champion's: that a person has to see.
        const digest = progress?.waiting?.evidenceDigest;
        if (digest) await client.approve({ releaseId, by: 'bo', evidenceDigest: digest });
        replay.need((await router.read({ model })) !== null);
        if (Date.now() > until)
          throw new Error(`${releaseId}: ${JSON.stringify(progress)}\n${running[0]!.lines.slice(-40).join('\n')}`);
        await wait(250);
      }
    } finally {
      replay.need(false);
      await replay.stop();
    }
  }

  it('prefers after it has learnt, and records by which pairs and how far', async () => {
    const ended = await release(1);
    expect(ended, JSON.stringify(ended)).to.include({ outcome: 'promoted' });
    const record = (await readRecord({ store: world.store, releaseId: `${model}-r1` }))!;
    const sha256 = createHash('sha256').update(readFileSync(pairs)).digest('hex');
    expect(record.training!.parameters).to.include({ preferences: sha256, preferenceBeta: 0.1, preferenceMaxSteps: 8 });
    expect(record.training!.metrics.finalPreferenceAccuracy).to.equal(1);
    expect(record.training!.metrics.finalPreferenceMargin).to.be.above(0.5);
    const job = world.stub.jobs.describe({ TrainingJobName: world.stub.jobs.created[0]! });
    expect(job.InputDataConfig!.map(({ ChannelName }) => ChannelName)).to.include('preferences');
    const steps = job.FinalMetricDataList.find(({ MetricName }) => MetricName === 'step');
    expect(steps!.Value).to.equal(14);
  });

  it('compares a second one with the champion at asynchronous endpoints, and hands users over without a failed request', async () => {
    const before = world.stub.queue.taken.length;
    const ended = await release(2);
    expect(ended, JSON.stringify(ended)).to.include({ outcome: 'promoted' });
    expect(ended.failedRequests).to.equal(0);
    expect(ended.sent).to.be.above(50);
    expect((await router.read({ model }))!.champion.releaseId).to.equal(`${model}-r2`);
    // The champion's answers of its own evaluation are kept.
    expect(world.stub.queue.taken.length - before).to.be.at.least(references.size);
    const record = (await readRecord({ store: world.store, releaseId: `${model}-r2` }))!;
    expect(record.evaluation!.verdict).to.equal('pass');
    expect(record.serving!.liveEndpoint).to.match(/^http:.*\/variants\//);
  });
});
