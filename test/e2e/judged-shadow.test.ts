import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
// First: mocha reads a file twice where a module of it awaits at its top, and Temporal's runtime is installed but once.
import { openGatewayPair } from './support/two-gateways.js';
import { recomputeShadow } from '../../src/activities/recompute/recompute-shadow.js';
import { readShadow } from '../../src/activities/shadow/shadow-evidence.js';
import { openAiJudge } from '../../src/adapters/openai-judge/openai-judge.js';
import { startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.js';
import { localEnvironment } from '../support/temporal.js';
import { model, startCanaryRelease } from './support/canary-release.js';

const releaseId = `${model}-r2`;
const answers = { champion: 'It arrives today.', challenger: 'It arrives today at noon, at your door.' };

/** What a judge sees between two marks. */
const between = (text: string, tag: string): string =>
  new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1]?.trim() ?? '';

describe('a shadow with a live judge, on a real Temporal server', function () {
  this.timeout(180_000);
  let folder: string;
  let upstream: ScriptedUpstream;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-judged-'));
    upstream = await startScriptedUpstream();
    upstream.script({ model: `${model}-r1`, answer: answers.champion });
    upstream.script({ model: releaseId, answer: answers.challenger });
  });
  afterEach(async () => {
    await upstream.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Has users ask through two gateways, and the judge prefer one release, until the shadow is over. */
  async function rehearse(preferred: keyof typeof answers) {
    const better = answers[preferred];
    upstream.script({
      model: 'judge',
      each: ({ messages }) => {
        const first = between(messages.at(-1)!.content, 'first') === better;
        return { answer: JSON.stringify({ reason: 'it says more', better: first ? 'first' : 'second' }) };
      },
    });
    const judge = await openAiJudge({
      settings: {
        baseUrl: upstream.endpoint,
        bedrockRegion: null,
        apiKey: null,
        timeoutMilliseconds: 20_000,
        concurrency: 4,
        requestsPerMinute: null,
        tokensPerMinute: null,
      },
      store: folder,
    });
    const environment = await localEnvironment();
    const spec = { duration: '1h', minimumPairs: 20 };
    const { endpoint } = upstream;
    const run = await startCanaryRelease({ environment, endpoint, lease: '10m', shadow: { spec, judge } });
    const pair = await openGatewayPair({ store: run.world.root, home: folder });
    try {
      for (let user = 0; (await readShadow({ store: run.world.store, releaseId })) === null; user += 1) {
        const { release } = await pair.ask({ gateway: user % 2, model, user: `user ${user}` });
        expect(release).to.equal(`${model}-r1`);
        await new Promise((done) => setTimeout(done, 20));
      }
      const evidence = (await readShadow({ store: run.world.store, releaseId }))!;
      const again = await recomputeShadow({ store: run.world.store, releaseId });
      if (preferred === 'challenger')
        // The stage is told before the plan is written.
        while (run.world.plans.every(({ challengerShare }) => challengerShare === 0))
          await new Promise((done) => setTimeout(done, 50));
      if (preferred === 'challenger') await run.handle.cancel();
      const result = await run.handle.result();
      return { evidence, again, result, plans: run.world.plans, last: await run.plan() };
    } finally {
      await pair.close();
      await run.stop();
      await judge.close();
      await environment.teardown();
    }
  }

  const judged = () => upstream.received.filter((one) => one.model === 'judge');

  it('goes on to the canary once the judge has shown a win, blind and in both orders', async () => {
    const { evidence, again, plans } = await rehearse('challenger');
    expect(evidence).to.deep.include({ verdict: 'pass', over: false });
    expect(evidence.judge).to.deep.include({ name: 'judge', decides: true });
    expect(evidence.verdicts.find(({ gate }) => gate === 'shadow: preference')).to.deep.include({ value: 1 });
    expect(again!.differences).to.deep.equal([]);
    expect(plans.map(({ mirrorShare, challengerShare }) => [mirrorShare, challengerShare])).to.deep.include.members([
      [1, 0],
      [0, 0.5],
    ]);
    const texts = judged().map(({ body }) => JSON.stringify(body.messages));
    expect(texts.filter((text) => /shop-r|champion|challenger/i.test(text))).to.deep.equal([]);
    const firsts = judged().map(({ body }) => between(body.messages.at(-1)!.content, 'first'));
    expect(firsts.filter((one) => one === answers.champion).length).to.equal(firsts.length / 2);
  });

  it('ends the release at a loss, and mirrors nothing afterwards', async () => {
    const { evidence, again, result, plans, last } = await rehearse('champion');
    expect(evidence).to.deep.include({ verdict: 'fail', over: false });
    expect(again!.differences).to.deep.equal([]);
    expect(result.outcome).to.equal('rejected');
    expect(result.reasons.join()).to.match(/^shadow: preference: mean preference 0 of \d+ pairs judged blind/);
    expect(plans.every(({ challengerShare }) => challengerShare === 0)).to.equal(true);
    expect(last).to.deep.include({ challenger: null, mirrorShare: 0 });
    expect(last.champion.releaseId).to.equal(`${model}-r1`);
  });
});
