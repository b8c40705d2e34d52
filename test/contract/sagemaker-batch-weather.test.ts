import { setTimeout as wait } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/common';
import { expect } from 'chai';
import type { PortError } from '../../src/activities/ports.js';
import { batchName } from '../../src/adapters/sagemaker-batch/batch-address.js';
import { filesOf, jobName, questionsDigest } from '../../src/adapters/sagemaker-batch/batch-plan.js';
import { sha256Hex } from '../../src/domain/release/evidence.js';
import { BatchWorld } from './support/batch-world.js';
import { expectPortError } from './support/expect-port-error.js';

const many = (what: string, count = 100): string[] => Array.from({ length: count }, (_, index) => `${what} ${index}?`);

describe('SageMaker: batch transform in bad weather', function () {
  this.timeout(60_000);
  const world = new BatchWorld();
  before(async () => {
    await world.start();
    await world.deploy('shop-r1');
  });
  after(() => world.stop());
  afterEach(() => {
    weather().held = false;
    world.stub.repliesAfter = {};
  });
  const jobs = () => world.stub.transforms.created;
  const weather = () => world.stub.transforms.faults;
  const askedSince = (at: number) =>
    world.stub.transforms.asked.filter(({ job }) =>
      jobs()
        .slice(at)
        .some(({ TransformJobName: name }) => name === job),
    );

  it('gives everybody an answer but the one whose question the model refused, in two jobs', async () => {
    const before = jobs().length;
    const questions = [...many('Where is parcel', 30), 'too long to read'];
    const answers = await world.askAll(questions);
    expect(answers.slice(0, -1)).to.deep.equal(questions.slice(0, -1).map((content) => `shop-r1: ${content}`));
    const refused = answers.at(-1) as PortError;
    expect([refused.type, refused.retryable]).to.deep.equal(['InvalidInput', false]);
    expect(refused.message).to.contain('maximum context length').and.contain('400');
    expect(jobs()).to.have.length(before + 2);
    // A refused line costs its file, whose lines are asked again each for itself; the other files are not.
    const [together, alone] = jobs().slice(before);
    const countOf = (name: string) => world.stub.transforms.asked.filter(({ job }) => job === name).length;
    expect(countOf(alone!.TransformJobName!)).to.be.within(13, 18);
    expect(together!.TransformResources!.InstanceCount).to.equal(2);
    expect(await world.askAll(questions.slice(-3))).to.deep.equal(
      answers.slice(-3).map((one, at) => (at === 2 ? refused : one)),
    );
    expect(jobs(), 'what was refused stays so').to.have.length(before + 2);
  });

  it('goes on with the job of a worker that was killed', async () => {
    const [before, questions] = [jobs().length, many('Resumed')];
    weather().held = true;
    const killed = new AbortController();
    const first = Promise.allSettled(
      ((by) => questions.map((content) => world.ask(content, { by, signal: killed.signal })))(world.chat()),
    );
    await world.until(() => jobs().length > before);
    killed.abort(new CancelledFailure('WORKER_SHUTDOWN'));
    await first;
    expect(world.statusOf(-1)).to.equal('InProgress');
    const second = world.askAll(questions);
    weather().held = false;
    expect(await second).to.deep.equal(questions.map((content) => `shop-r1: ${content}`));
    expect(jobs()).to.have.length(before + 1);
  });

  it('stops the job of those who were cancelled, and of nobody who still waits', async () => {
    const before = jobs().length;
    weather().held = true;
    const by = world.chat();
    const [one, other] = [new AbortController(), new AbortController()];
    const reason = new CancelledFailure('CANCELLED');
    const asked = [one, other].map(({ signal }, at) =>
      world.ask(`Cancelled ${at}?`, { by, signal }).catch((error: unknown) => error),
    );
    await world.until(() => jobs().length > before && world.stub.calls.includes('DescribeTransformJob'));
    one.abort(reason);
    expect(await asked[0]).to.equal(reason);
    expect(world.statusOf(-1)).to.equal('InProgress');
    other.abort(reason);
    expect(await asked[1]).to.equal(reason);
    expect(['Stopping', 'Stopped']).to.include(world.statusOf(-1));
    weather().held = false;
    await world.until(() => world.statusOf(-1) === 'Stopped');
    expect((await world.ask('Cancelled 0?')).text, 'asked once more, it is asked').to.equal('shop-r1: Cancelled 0?');
    expect(jobs()).to.have.length(before + 2);
  });

  it('stops a job that is only being made when the last one is cancelled, before that hears of it', async () => {
    const before = jobs().length;
    weather().held = true;
    let reply = () => {};
    world.stub.repliesAfter = {
      'SageMaker.CreateTransformJob': new Promise((resolve) => {
        reply = resolve;
      }),
    };
    const cancelling = new AbortController();
    let heard = false;
    const asked = world.ask('Too late?', { signal: cancelling.signal }).catch((error: unknown) => {
      heard = true;
      return error;
    });
    await world.until(() => jobs().length > before);
    cancelling.abort(new CancelledFailure('CANCELLED'));
    await wait(100);
    expect(heard).to.equal(false);
    reply();
    expect(await asked).to.equal(cancelling.signal.reason);
    expect(['Stopping', 'Stopped']).to.include(world.statusOf(-1));
    weather().held = false;
    await world.until(() => world.statusOf(-1) === 'Stopped');
  });

  it('says why a job failed, asks anew for whoever tries again, and gives up in the end', async () => {
    const before = jobs().length;
    weather().failsWith.push(...Array.from({ length: 4 }, () => 'AlgorithmError: exit code 1'));
    for (let attempt = 0; attempt < 3; attempt += 1)
      await expectPortError(world.ask('Doomed?'), 'Unavailable', 'AlgorithmError: exit code 1');
    const error = (await world.ask('Doomed?').catch((caught: unknown) => caught)) as PortError;
    expect(error).to.deep.include({ type: 'NotReady', retryable: false });
    expect(error.message).to.contain('asked in 4 jobs');
    await expectPortError(world.ask('Doomed?'), 'NotReady', 'AlgorithmError');
    expect(jobs()).to.have.length(before + 4);
  });

  it('counts no job without an instance, and tries one whose server failed for a line alone', async () => {
    const before = jobs().length;
    weather().withoutCapacity = 6;
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const error = (await world.ask('Patient?').catch((caught: unknown) => caught)) as PortError;
      expect(error.type).to.equal('Unavailable');
      expect(error.message).to.contain('CapacityError');
      expect(error.retryAfterMilliseconds).to.equal(300_000);
    }
    expect((await world.ask('Patient?')).text).to.equal('shop-r1: Patient?');
    expect(jobs()).to.have.length(before + 7);
    const answers = await world.askAll(['broken for ever', 'sound']);
    expect(answers[1]).to.equal('shop-r1: sound');
    expect(answers[0]).to.deep.include({ type: 'Unavailable' });
    expect((answers[0] as Error).message)
      .to.contain('out of memory')
      .and.contain('500');
  });

  it('asks for what is missing of a job that stored only part of its answers', async () => {
    const [before, questions] = [jobs().length, many('Partly')];
    weather().loses = ['0001.jsonl'];
    const first = await world.askAll(questions);
    expect(first.filter((one) => typeof one === 'string')).to.have.length(50);
    for (const error of first.filter((one) => typeof one !== 'string'))
      expect(error).to.deep.include({ type: 'Unavailable' });
    weather().loses = [];
    expect(await world.askAll(questions)).to.deep.equal(questions.map((content) => `shop-r1: ${content}`));
    expect(jobs()).to.have.length(before + 2);
    expect(askedSince(before + 1)).to.have.length(50);
  });

  it('refuses a quota of none in the words of AWS, and waits for one that others use', async () => {
    weather().quota = { limit: 0, used: 0 };
    await expectPortError(world.ask('Which quota?'), 'InvalidInput', 'is 0 Instances');
    weather().quota = { limit: 2, used: 2 };
    const error = (await world.ask('Which quota?').catch((caught: unknown) => caught)) as PortError;
    expect(error).to.deep.include({ type: 'Unavailable', retryAfterMilliseconds: 60_000 });
    weather().quota = null;
    expect((await world.ask('Which quota?')).text).to.equal('shop-r1: Which quota?');
  });

  it('leaves the job of somebody else alone', async () => {
    const batch = batchName({ model: 'shop', name: 'shop-r1' });
    const question = {
      model: 'shop-r1',
      messages: [{ role: 'user', content: 'Whose?' }],
      max_tokens: 8,
      temperature: 0,
    };
    const files = filesOf({ digests: [sha256Hex(Buffer.from(JSON.stringify(question)))], instances: 2, alone: false });
    const model = [...world.stub.hosted.models.keys()][0]!;
    const name = jobName({ batch, digest: questionsDigest({ model, files, round: 0 }) });
    weather().held = true;
    world.stub.transforms.create({ ...jobs()[0]!, TransformJobName: name, Tags: [{ Key: 'owner', Value: 'bo' }] });
    await expectPortError(
      world.ask('Whose?'),
      'InvalidInput',
      'belongs to somebody else',
      'understudy:model is missing',
    );
    expect(world.statusOf(-1)).to.equal('InProgress');
    weather().held = false;
  });

  it('makes one job where SageMaker throttles, forgets for a while, or refuses the first call', async () => {
    const before = jobs().length;
    world.stub.throttled = 1;
    await expectPortError(world.ask('Slowly?'), 'RateLimited', 'Rate exceeded');
    world.stub.refuses = { 'SageMaker.CreateTransformJob': { name: 'InternalFailure', message: 'try again' } };
    await world.ask('Slowly?').catch((error: unknown) => error);
    world.stub.refuses = {};
    expect(jobs()).to.have.length(before);
    weather().unknownLooks = 3;
    expect((await world.ask('Slowly?')).text).to.equal('shop-r1: Slowly?');
    weather().unknownLooks = 0;
    expect(jobs()).to.have.length(before + 1);
  });

  it('refuses a question that is longer than SageMaker takes, and an answer that is none', async () => {
    const before = jobs().length;
    await expectPortError(world.ask('x'.repeat(6 * 1024 * 1024)), 'InvalidInput', '6 MiB at most', 'requestsAtOnce');
    expect(jobs()).to.have.length(before);
    const { respond } = world.stub;
    world.stub.respond = () => ({ status: 200, parts: ['{"choices":[]}'] });
    await expectPortError(world.ask('Empty?'), 'InvalidInput', 'without a message');
    world.stub.respond = respond;
    const elsewhere = world.chat().complete({
      ...{ endpoint: 'sagemaker-async://shop/v1', model: 'shop-r1', messages: [], maxTokens: 1, temperature: 0 },
      signal: new AbortController().signal,
    });
    await expectPortError(elsewhere, 'InvalidInput', 'expected sagemaker-batch://');
  });
});
