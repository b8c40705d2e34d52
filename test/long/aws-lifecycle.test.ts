import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { UnderstudyClient } from '../../src/client/index.js';
import {
  askGateway,
  type Question,
  readQuestions,
  startReplay,
} from '../../src/client/start/demonstration/traffic-replay.js';
import { workflowIds } from '../../src/contracts/names.js';
import { hashKey } from '../../src/gateway/key-ring.js';
import { modelTools } from '../contract/support/model-tools.js';
import { AwsWorld, base } from '../support/aws/aws-world.js';
import { OwnProcess } from '../support/aws/own-process.js';
import { findKubernetes } from '../support/kubernetes/find-kubernetes.js';
import { findVersitygw } from '../support/versitygw-server.js';

const model = 'support-assistant';
const example = (file: string): string =>
  fileURLToPath(new URL(`../../examples/support-assistant/${file}`, import.meta.url));
const container = fileURLToPath(new URL('../contract/support/scripted-container.mjs', import.meta.url));
const awayMilliseconds = 120_000;
const releaseMilliseconds = 150_000 + awayMilliseconds;

const references = new Map(
  readFileSync(example('golden/v2.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { input: string; reference: string })
    .map(({ input, reference }) => [input, reference]),
);

/** Answers as if each release knew a third of the questions more than the one before. */
function answerOf({ name, question }: { name: string; question: string }): string {
  const number = Number(/-r(\d+)$/.exec(name)?.[1] ?? '0');
  const part = createHash('sha256').update(question).digest()[0]! % 3;
  const reference = references.get(question);
  return reference !== undefined && part < number ? reference : 'We look into it.';
}

const overlay = {
  base: { id: base, revision: null },
  data: { source: { kind: 'csv', uri: example('data/tickets-2026-q1.csv') }, goldenSet: example('golden/v2.jsonl') },
  training: { maxSteps: 40, rank: 8, instances: ['ml.g5.2xlarge', 'ml.g5.4xlarge'], spot: true, budgetUsd: 40 },
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
};

describe('the life of a model on S3, SageMaker and Kubernetes', function () {
  this.timeout(2_000_000);
  const world = new AwsWorld();
  const failing = new Set<string>();
  const running: OwnProcess[] = [];
  let client: UnderstudyClient;
  let router: StoreRouter;
  let gateway: string;
  let questions: Question[];

  before(async function () {
    const [tools, versitygw] = await Promise.all([findKubernetes(), findVersitygw()]);
    if (tools === null || versitygw === null) return this.skip();
    await world.start({
      tools,
      versitygw,
      container: [process.execPath, container],
      baseFolder: (await modelTools()).tiny,
      answer: (asked) => (failing.has(asked.name) ? null : answerOf(asked)),
    });
    const rate = { perSecond: 1e6, burst: 1_000_000 };
    const key = { id: 'app', sha256: hashKey('app'), scopes: ['query'], defaultModel: null, expiresAt: null, rate };
    await writeFile(join(world.home, 'keys.json'), JSON.stringify([{ ...key, quotaPerDay: null }]));
    const start = (program: string): OwnProcess => {
      const one = new OwnProcess({ program, environment: world.environment });
      running.push(one);
      return one;
    };
    const [worker, server] = [start('workers/main'), start('gateway/server')];
    await worker.ready();
    gateway = (await server.ready<{ listening: string }>()).listening;
    client = UnderstudyClient.over({ temporal: world.temporal.client, store: world.store });
    router = new StoreRouter({ store: world.store });
    questions = await readQuestions({ file: example('data/traffic.jsonl') });
  });
  after(async () => {
    for (const one of running) await one.stop();
    if (world.home) await world.stop();
  });

  /** What the workflows of a release wait for, for whoever reads a failure. */
  async function pendingOf(releaseId: string): Promise<string> {
    const lines = [
      workflowIds.release(releaseId),
      workflowIds.evaluation(releaseId),
      workflowIds.rollout(releaseId),
    ].map(async (workflowId) => {
      const described = await world.temporal.client.workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => null);
      const pending = (described?.raw.pendingActivities ?? []).map(
        ({ activityType, attempt, lastFailure, heartbeatDetails }) =>
          `${activityType?.name} attempt ${attempt} ${lastFailure?.message ?? ''} ${Buffer.from(heartbeatDetails?.payloads?.[0]?.data ?? []).toString()}`,
      );
      return `${workflowId}: ${pending.join(', ')}`;
    });
    return [...(await Promise.all(lines)), ...(await world.podsNow())].join('\n');
  }

  /** Takes a release to its end, with users as soon as there is a plan; `onCanary` is done once users see it. */
  async function release(number: number, onCanary: () => void = () => undefined) {
    await client.apply({
      path: example('understudy.yaml'),
      overlays: [example('understudy.embedded.yaml'), { name: 'aws', document: overlay }],
      by: 'ann',
    });
    const asked = await client.requestRelease({ model, reason: `release ${number}`, requestedBy: 'ann' });
    const releaseId = asked.releaseId!;
    const replay = startReplay({
      questions,
      send: askGateway({ gateway, model, apiKey: 'app' }),
      rate: { start: 20, least: 10, most: 60 },
      inFlight: 16,
      from: number * 100_000,
    });
    const until = Date.now() + releaseMilliseconds;
    try {
      for (;;) {
        const { ended, progress } = await client.status({ model, releaseId });
        if (ended) return { ...ended, failedRequests: replay.failed, sent: replay.sent };
        const plan = await router.read({ model });
        replay.need(plan !== null);
        if ((plan?.challengerShare ?? 0) > 0) onCanary();
        const { waiting } = progress ?? { waiting: null };
        if (waiting?.evidenceDigest != null)
          await client.approve({ releaseId, by: 'bo', evidenceDigest: waiting.evidenceDigest });
        if (Date.now() > until)
          throw new Error(
            `${releaseId} does not end: ${JSON.stringify(progress)}\n${await pendingOf(releaseId)}\n${running[0]!.lines.join('\n')}`,
          );
        await wait(250);
      }
    } finally {
      replay.need(false);
      await replay.stop();
    }
  }

  it('promotes the first release, though capacity was missing and a spot instance went away', async () => {
    Object.assign(world.stub.jobs.faults, { withoutCapacity: { 'ml.g5.2xlarge': 1 }, interruptAfterLines: [10] });
    world.stub.throttleEvery = 7;
    const ended = await release(1);
    expect(ended, JSON.stringify(ended)).to.include({ outcome: 'promoted' });
    const jobs = world.stub.jobs.created.map((name) => world.stub.jobs.describe({ TrainingJobName: name }));
    expect(jobs.map(({ ResourceConfig }) => ResourceConfig!.InstanceType)).to.deep.equal([
      'ml.g5.2xlarge',
      'ml.g5.4xlarge',
    ]);
    expect(jobs[1]!.SecondaryStatusTransitions.map(({ Status }) => Status)).to.include('Interrupted');
    expect(world.pods.loaded).to.have.length(2);
    for (const names of world.pods.loaded) expect(names).to.include(`${model}-r1`);
  });

  it('promotes a better one over it, through a canary that users see, though the API server was away for two minutes', async () => {
    world.cluster.pauseApi();
    const began = Date.now();
    const back = setTimeout(() => world.cluster.resumeApi(), awayMilliseconds);
    const ended = await release(2).finally(() => {
      clearTimeout(back);
      world.cluster.resumeApi();
    });
    expect(Date.now() - began).to.be.above(awayMilliseconds);
    expect(ended, JSON.stringify(ended)).to.include({ outcome: 'promoted' });
    expect(ended.sent).to.be.above(50);
    expect(ended.failedRequests).to.equal(0);
    expect((await router.read({ model }))!.champion.releaseId).to.equal(`${model}-r2`);
  });

  it('takes the third back, whose answers fail, and gives all users to the champion', async () => {
    const ended = await release(3, () => failing.add(`${model}-r3`));
    expect(ended, JSON.stringify(ended)).to.include({ outcome: 'rolledBack' });
    const plan = (await router.read({ model }))!;
    expect(plan).to.include({ challengerShare: 0, challenger: null });
    expect(plan.champion.releaseId).to.equal(`${model}-r2`);
    for (const names of world.pods.loaded) expect(names).to.include(`${model}-r2`).and.not.to.include(`${model}-r3`);
  });

  it('was too busy for many of its calls on the way, and has left no job running', () => {
    expect(world.proxy.refused).to.be.above(10);
    expect(world.stub.throttledCalls).to.be.above(0);
    const states = world.stub.jobs.created.map(
      (name) => world.stub.jobs.describe({ TrainingJobName: name }).TrainingJobStatus,
    );
    expect(states).not.to.include('InProgress').and.not.to.include('Stopping');
  });
});
