import { expect } from 'chai';
import { evaluateWorld, type EvaluateWorld } from './evaluate-world.js';
import { sensibleReply } from '../../../activities/judging/judge-world.js';

describe('understudy evaluate on endpoints', function () {
  this.timeout(60_000);
  let world: EvaluateWorld;
  beforeEach(async () => {
    world = await evaluateWorld();
    world.upstream.script({ model: 'new', each: (body) => ({ answer: answerTo(body.messages.at(-1)!.content, 16) }) });
    world.upstream.script({ model: 'old', each: (body) => ({ answer: answerTo(body.messages.at(-1)!.content, 2) }) });
  });
  afterEach(() => world.close());

  const answerTo = (input: string, every: number): string => {
    const index = Number(/\d+/.exec(input)![0]);
    return world.mostly(every, every === 2 ? 0 : 1)(world.cases[index]!, index);
  };
  const at = (model: string): string => `${world.upstream.endpoint}#${model}`;
  const asked = (model: string): number => world.upstream.received.filter((one) => one.model === model).length;

  it('asks both, and the second time neither', async () => {
    const arms = ['--candidate', at('new'), '--against', at('old'), '--json'];
    const first = await world.evaluate(...arms);
    expect(first.code, first.stderr).to.equal(0);
    expect(first.json()).to.deep.include({ candidate: `new at ${world.upstream.endpoint}`, verdict: 'pass' });
    expect([asked('new'), asked('old')]).to.deep.equal([60, 60]);
    const again = await world.evaluate(...arms);
    expect(again.json()).to.deep.equal(first.json());
    expect([asked('new'), asked('old')]).to.deep.equal([60, 60]);
    expect(again.stderr).to.contain('60 answers, 60 of them stored before');
    await world.evaluate(...arms, '--revision', 'abc123');
    expect([asked('new'), asked('old')]).to.deep.equal([120, 60]);
  });

  it('goes on where it was cut off', async () => {
    let left = 20;
    world.upstream.script({
      model: 'new',
      each: (body) => (left-- > 0 ? { answer: answerTo(body.messages.at(-1)!.content, 16) } : { status: 401 }),
    });
    const cut = await world.evaluate('--candidate', at('new'), '--concurrency', '4');
    expect(cut.code).to.equal(2);
    expect(cut.stderr).to.match(/HTTP 401.*; 20 of 60 answers are stored, the same command goes on from there/);
    const before = asked('new');
    left = 1000;
    const whole = await world.evaluate('--candidate', at('new'));
    expect(whole.code, whole.stderr).to.equal(0);
    expect(asked('new') - before).to.equal(40);
  });

  it('ends at once with Ctrl-C, whatever hangs, and keeps what was answered', async () => {
    let left = 10;
    world.upstream.script({
      model: 'new',
      each: (body) => (left-- > 0 ? { answer: answerTo(body.messages.at(-1)!.content, 16) } : { hangs: true }),
    });
    const running = world.evaluate('--candidate', at('new'), '--concurrency', '2');
    while (asked('new') < 12) await new Promise((resolve) => setTimeout(resolve, 5));
    process.emit('SIGINT');
    const ended = await running;
    expect(ended.code).to.equal(2);
    expect(ended.stderr).to.contain('interrupted: what was answered is stored');
    left = 1000;
    await world.evaluate('--candidate', at('new'));
    expect(asked('new')).to.equal(12 + 50);
  });

  it('leaves a case unmeasured that the endpoint refuses', async () => {
    world.upstream.script({
      model: 'new',
      each: (body) => {
        const input = body.messages.at(-1)!.content;
        return input.includes(' 7?') ? { status: 400 } : { answer: answerTo(input, 16) };
      },
    });
    const ran = await world.evaluate('--candidate', at('new'), '--json');
    expect(ran.stdout).to.contain('1.667 % unmeasured <= 2 %, 1 of 60 cases of tokenF1: g7');
  });

  it('finds the only model of an endpoint, and asks for a name where there are more', async () => {
    const elsewhere = await world.evaluate('--candidate', 'http://127.0.0.1:1/v1');
    expect(elsewhere.code).to.equal(2);
    expect(elsewhere.stderr).to.contain("/models can't be read").and.to.contain('#my-model');
    const secret = await world.evaluate('--candidate', 'http://me:hidden@127.0.0.1:1/v1#m');
    expect(secret.stderr).to.contain('no name and password').and.not.to.contain('hidden');
  });

  it('sends the key only to the endpoint it is of', async () => {
    const line = ['evaluate', '--spec', world.path('spec.yaml'), '--candidate', at('new')];
    await world.runIn({ OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://elsewhere.example/v1' }, ...line);
    expect(world.upstream.received.at(-1)).to.include({ authorization: null });
    await world.runIn({ OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: world.upstream.endpoint }, ...line, '--revision', '2');
    expect(world.upstream.received.at(-1)?.authorization).to.equal('Bearer sk-1');
  });

  it('asks probes too where a gate needs them, and says that a file has none', async () => {
    await world.specify({ gates: [{ metric: 'promptInjectionResistance', min: 0.5 }] });
    const probed = await world.evaluate('--candidate', at('new'), '--json');
    const gate = (ran: Awaited<ReturnType<typeof world.evaluate>>) =>
      ran
        .json<{ verdicts: { gate: string; verdict: string; n: number }[] }>()
        .verdicts.find((one) => one.gate === 'promptInjectionResistance >= 0.5');
    expect(gate(probed)).to.include({ verdict: 'pass', n: 60 });
    const calls = asked('new');
    expect(calls).to.be.greaterThan(60);
    await world.evaluate('--candidate', at('new'));
    expect(asked('new')).to.equal(calls);
    await world.answers('file.jsonl', world.mostly(16));
    const file = await world.evaluate('--candidate', world.path('file.jsonl'), '--json');
    expect(gate(file)).to.include({ verdict: 'unmeasured' });
  });

  it('asks the judge of the spec within its budget, once for each answer', async () => {
    world.upstream.script({ model: 'cheap', each: (body) => ({ answer: sensibleReply(body) }) });
    const judge = { model: 'cheap', allowUncalibrated: ['coherence'], prices: { cheap: { input: 1, output: 1 } } };
    await world.specify({ judge, gates: [{ metric: 'coherence', min: 3 }] });
    const line = ['evaluate', '--spec', world.path('spec.yaml'), '--candidate', at('new'), '--json'];
    const without = await world.run(...line);
    expect(without.code).to.equal(2);
    expect(without.stderr).to.contain('JUDGE_BASE_URL');
    const environment = { JUDGE_BASE_URL: world.upstream.endpoint };
    const ran = await world.runIn(environment, ...line);
    expect(ran.code, ran.stdout).to.equal(0);
    const { judging, verdicts } = ran.json<{
      judging: { calls: number };
      verdicts: { gate: string; reason: string }[];
    }>();
    expect(judging.calls).to.equal(asked('cheap')).and.to.be.greaterThan(0);
    expect(verdicts.find((one) => one.gate === 'coherence >= 3')?.reason).to.contain('rests on the judge alone');
    const calls = asked('cheap');
    const again = await world.runIn(environment, ...line);
    expect(again.json<{ verdict: string }>().verdict).to.equal('pass');
    expect(asked('cheap')).to.equal(calls);
  });
});
