import { expect } from 'chai';
import { readAnswerSample } from '../../../src/activities/bad-answers/answer-sampler.js';
import { readLooks } from '../../../src/activities/look-log.js';
import { sampledAnswerSchema } from '../../../src/domain/rollout/bad-answers/sampled-answer.js';
import { rolloutSpecSchema } from '../../../src/domain/spec/rollout-spec.js';
import { rowsOf } from '../../../src/activities/stored-rows.js';
import { model, releaseId } from '../support/canary-world.js';
import { createSamplingWorld, guards, logged, type SamplingWorld } from './sampling-world.js';

const users = (count: number) => Array.from({ length: count }, (_, user) => user);
const declined = "I'm sorry, but I can't help with that.";
const isChallenger = (user: number): boolean => user % 4 === 0;

describe('sampled answers', () => {
  let world: SamplingWorld;
  const open = async (input: Parameters<typeof createSamplingWorld>[0] = {}) => {
    world = await createSamplingWorld(input);
  };
  afterEach(() => world.dispose());

  const sample = async () => (await readAnswerSample({ store: world.store, releaseId }))!;
  const rows = async () => {
    const stored = await world.store.get({ key: `releases/${releaseId}/canary/answers-000000.jsonl` });
    return rowsOf({ text: Buffer.from(stored!.body).toString('utf8'), schema: sampledAnswerSchema });
  };
  const gate = async () => {
    const rollout = rolloutSpecSchema.parse({ canary: { guards } });
    const { verdicts } = await world.assessments().assessStep({
      releaseId,
      model,
      revision: 2,
      fromRevision: 2,
      step: rollout.canary.steps[1]!,
      rollout,
    });
    return verdicts.find((one) => one.gate === 'sampled answers')!;
  };

  it('take the traffic back where the challenger declines, and say what was looked at', async () => {
    await open();
    await world.writeTelemetry({ users: 400, failed: 0 });
    await world.writeLog(users(200).map((user) => logged(user, isChallenger(user) ? { answer: declined } : {})));
    expect((await world.watch()).kind).to.equal('slice');
    expect((await sample()).revisions).to.deep.equal([
      {
        revision: 2,
        champion: { answers: 150, judged: 0, bad: 0 },
        challenger: { answers: 50, judged: 0, bad: 50 },
      },
    ]);
    const result = await world.watch();
    expect(result.kind).to.equal('tripped');
    if (result.kind !== 'tripped') return;
    expect(result.reason).to.match(/^badAnswer: evidence .* challenger 50 of 100 keys, champion 0 of 300/);
    const looks = await readLooks({ store: world.store, releaseId });
    expect(looks.at(-1)!.look.revisions[0]!.arms.challenger.events).to.deep.include({ badAnswer: 50 });
  });

  it('blame nobody for what both arms do, testers saw, a guardrail stopped or the champion said in place', async () => {
    await open();
    await world.writeTelemetry({ users: 400, failed: 0 });
    await world.writeLog([
      ...users(100).map((user) => logged(user, { answer: declined })),
      logged(400, { counted: false, answer: declined }),
      logged(404, { guardrail: 'toxicity', answer: declined }),
      logged(408, { release: 'm-r1', answer: declined }),
      logged(412, { status: 503, answer: null }),
      logged(416, { revision: 1, answer: declined }),
    ]);
    await world.watch();
    expect((await world.watch()).kind).to.equal('slice');
    expect((await sample()).revisions[0]!.challenger).to.deep.equal({ answers: 25, judged: 0, bad: 25 });
    expect(await gate()).to.deep.include({ verdict: 'pass', n: 100 });
  });

  it('take the same share of both arms, by a hash that anybody can repeat', async () => {
    await open();
    await world.writeTelemetry({ users: 4000, failed: 0 });
    const half = { badAnswers: { sample: 0.5, budgetUsd: 1 } };
    await world.writeLog(users(4000).map((user) => logged(user)));
    await world.watch(half);
    const [{ champion, challenger }] = (await sample()).revisions as [
      Awaited<ReturnType<typeof sample>>['revisions'][0],
    ];
    expect(champion.answers / 3000).to.be.within(0.46, 0.54);
    expect(challenger.answers / 1000).to.be.within(0.43, 0.57);
    const ids = (await rows()).map(({ id }) => id);
    await world.watch({ badAnswers: { sample: 0.6, budgetUsd: 1 } });
    expect((await rows()).slice(0, ids.length).map(({ id }) => id)).to.deep.equal(ids);
  });

  it('count by rules: refusals, insults, another language, tokens of a template', async () => {
    await open();
    const german =
      'Ihr Paket liegt in Berlin und wird heute am Nachmittag zugestellt, bitte haben Sie noch etwas Geduld.';
    const english = 'Where is my parcel, and when will it be delivered to my house this week, please?';
    await world.writeLog([
      logged(0, { answer: declined }),
      logged(1, { answer: 'You are a stupid idiot, go away.' }),
      logged(2, { query: english, answer: german }),
      logged(3, { answer: 'It comes today.<|im_end|>' }),
      logged(4),
    ]);
    await world.watch();
    expect((await rows()).map(({ signs }) => signs)).to.deep.equal([
      ['refusal'],
      ['toxicity'],
      ['language'],
      ['format'],
      [],
    ]);
  });

  it('ask a judge that may decide, once an answer, over restarts', async () => {
    await open({ judge: { allowUncalibrated: ['answerRelevancy'] } });
    world.helpsWhere((text) => !text.includes('weather'));
    await world.writeTelemetry({ users: 400, failed: 0 });
    await world.writeLog(
      users(40).map((user) =>
        logged(
          user,
          isChallenger(user) ? { answer: `The weather is fine, ${user}.` } : { answer: `Parcel ${user} comes today.` },
        ),
      ),
    );
    await world.watch();
    const asked = world.asked();
    expect(asked).to.equal(80);
    world.pass(30_000);
    await world.watch();
    expect(world.asked()).to.equal(asked);
    expect((await sample()).revisions[0]).to.deep.equal({
      revision: 2,
      champion: { answers: 30, judged: 30, bad: 0 },
      challenger: { answers: 10, judged: 10, bad: 10 },
    });
    expect((await sample()).judge).to.deep.include({ name: 'cheap', decides: true });
    expect((await sample()).judge!.spentUsd).to.be.greaterThan(0);
    expect((await gate()).reason).to.contain('by rules and by cheap (40 judged)');
  });

  it('leave a judge alone that is not calibrated, and let rules speak', async () => {
    await open({ judge: {} });
    await world.writeLog(users(8).map((user) => logged(user)));
    await world.watch();
    expect(world.asked()).to.equal(0);
    expect((await sample()).judge).to.deep.include({ decides: false });
    expect((await gate()).reason).to.contain('by rules alone');
  });

  it('stop asking at their budget, and say that nothing was judged', async () => {
    await open({ judge: { allowUncalibrated: ['answerRelevancy'] } });
    await world.writeLog(users(8).map((user) => logged(user)));
    await world.watch({ badAnswers: { sample: 1, budgetUsd: 1e-9 } });
    expect(world.asked()).to.equal(0);
    const said = await gate();
    expect(said.verdict).to.equal('unmeasured');
    expect(said.reason).to.match(/^the judge gave no score under revision 2: .*rollout\.canary\.badAnswers\.budgetUsd/);
  });

  it('are unmeasured without texts, without answers, and once nobody reads the log any more', async () => {
    await open();
    expect((await gate()).reason).to.equal('no answer of the request log was looked at yet');
    await world.writeLog(users(8).map((user) => logged(user, { query: null, answer: null })));
    await world.watch();
    expect(await gate()).to.deep.include({ verdict: 'unmeasured', n: 0 });
    expect((await gate()).reason).to.contain('the request log leaves out the texts of 8');
    await world.writeLog(users(8).map((user) => logged(user)));
    await world.watch();
    expect((await gate()).verdict).to.equal('pass');
    world.pass(301_000);
    expect((await gate()).reason).to.equal('the request log was last read 301 s ago, limit 300 s');
  });

  it('name segments that can not be read and go on with the others', async () => {
    await open();
    await world.store.put({ key: `requests/${model}/2026-03-01/00/g0-1.jsonl.zst`, body: Buffer.from('no segment') });
    await world.writeLog(users(4).map((user) => logged(user)));
    await world.watch();
    const { unread, revisions } = await sample();
    expect(unread.map(({ key }) => key)).to.deep.equal([`requests/${model}/2026-03-01/00/g0-1.jsonl.zst`]);
    expect(revisions[0]!.challenger.answers).to.equal(1);
  });

  it('are not taken where no guard asks for them, or reports alone count', async () => {
    await open();
    await world.writeLog(users(8).map((user) => logged(user)));
    await world.watch({ guards: [{ ...guards[0]!, event: 'error' }] });
    await world.watch({ badAnswers: null });
    expect(await readAnswerSample({ store: world.store, releaseId })).to.equal(null);
  });
});
