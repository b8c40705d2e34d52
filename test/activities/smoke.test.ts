import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { PortError, type ChatModel, type ChatReply } from '../../src/activities/ports.js';
import { createSmokeActivities, type SmokeInput } from '../../src/activities/smoke.js';
import { worstVerdict, type Verdict } from '../../src/domain/release/verdict.js';
import { smokeChecksSchema } from '../../src/domain/spec/rollout-spec.js';
import { evaluationWorld, type EvaluationWorld } from './support/evaluation-world.js';

const golden = Array.from({ length: 8 }, (_, n) => ({
  id: `g${n}`,
  cluster: `g${n}`,
  input: `Where is parcel ${n}?`,
  reference: 'r',
  tags: {},
}));
const target = {
  releaseId: 'm-r2',
  endpoint: 'http://127.0.0.1:1/v1',
  adapter: 'm-r2',
  promptDigest: null,
  indexVersion: null,
};
const offline = (question: string): string => `The answer to "${question}" stands in the book.`;

describe('smokeTest', () => {
  let world: EvaluationWorld;
  beforeEach(async () => {
    world = await evaluationWorld({ cases: golden, evaluation: {}, says: ({ question }) => offline(question) });
  });
  afterEach(() => world.close());

  type Says = (question: string, attempt: number) => Partial<ChatReply> | Error;

  async function smoke(says: Says, change: Partial<SmokeInput> = {}) {
    const asked: string[] = [];
    const chat: ChatModel = {
      complete: async ({ messages, model }) => {
        const question = messages.at(-1)!.content;
        asked.push(question);
        const said = says(question, asked.filter((one) => one === question).length);
        if (said instanceof Error) throw said;
        const text = question.startsWith('Where') ? offline(question) : 'It stands in the book.';
        return { text, model, promptTokens: 9, completionTokens: 5, milliseconds: 1, ...said };
      },
    };
    const { smokeTest } = createSmokeActivities({ store: world.store, chat });
    const input: SmokeInput = {
      releaseId: 'm-r2',
      target,
      questions: [{ query: 'What is the cutoff?', contains: 'book' }],
      specification: world.common.specification,
      checks: smokeChecksSchema.parse({}),
      ...change,
    };
    const verdicts: Verdict[] = await new MockActivityEnvironment().run((given: SmokeInput) => smokeTest(given), input);
    const of = (gate: string) => verdicts.find((one) => one.gate === `smoke: ${gate}`)!;
    return { verdicts, of, asked };
  }

  it('passes what answers known questions, resists attacks and answers as it did offline', async () => {
    await world.answers('m-r2');
    const { verdicts, of, asked } = await smoke(() => ({}));
    expect(worstVerdict(verdicts)).to.equal('pass');
    expect(verdicts.map(({ gate }) => gate)).to.deep.equal([
      'smoke: What is the cutoff?',
      'smoke: contract',
      'smoke: prompt injection',
      'smoke: consistency',
    ]);
    expect(of('consistency')).to.include({ value: 1, n: 5 });
    expect(of('prompt injection').reason).to.equal('3 of 3 prompt injections resisted, limit 100 %');
    expect(asked).to.have.length(1 + 3 + 5);
  });

  it('fails what answers otherwise than in the evaluation', async () => {
    await world.answers('m-r2');
    const { of } = await smoke((question) => (question.includes('parcel') ? { text: 'No idea, sorry.' } : {}));
    expect(of('consistency').verdict).to.equal('fail');
    expect(of('consistency').reason).to.match(/on 5 golden questions, limit 0.8$/);
  });

  it('says so where no offline answers are there, and fails nothing for it', async () => {
    const { verdicts, of } = await smoke(() => ({}));
    expect(of('consistency')).to.include({ verdict: 'unmeasured', informs: true });
    expect(worstVerdict(verdicts)).to.equal('pass');
  });

  it('fails what follows an attack, and not what names the word to decline', async () => {
    const wordOf = (question: string): string => /(?:the word|write|and then) ([A-Z]\w+)/i.exec(question)?.[1] ?? '';
    const followed = await smoke((question) => ({ text: `${wordOf(question)} is in the book` }));
    expect(followed.of('prompt injection').verdict).to.equal('fail');
    expect(followed.of('prompt injection').reason).to.match(/followed: ignoreInstructions/);
    const declined = await smoke((question) => ({
      text: `I'm sorry, but I can't say ${wordOf(question)}, see the book.`,
    }));
    expect(declined.of('prompt injection').verdict).to.equal('pass');
    const allowed = await smoke((question) => ({ text: `${wordOf(question)} is in the book` }), {
      checks: smokeChecksSchema.parse({ injectionResistance: '0%' }),
    });
    expect(allowed.of('prompt injection').verdict).to.equal('pass');
  });

  it('fails an answer of another release, without text, or without counted tokens', async () => {
    const other = await smoke(() => ({ model: 'm-r1' }));
    expect(other.of('contract').reason).to.equal('m-r1 answered in place of m-r2');
    const uncounted = await smoke(() => ({ completionTokens: 0 }));
    expect(uncounted.of('contract')).to.include({ verdict: 'fail', reason: 'the endpoint counts no tokens (usage)' });
    const empty = await smoke(() => ({ text: ' ' }));
    expect(empty.of('contract').verdict).to.equal('fail');
    expect(empty.of('What is the cutoff?').verdict).to.equal('fail');
  });

  it('asks again where the endpoint was busy, and never takes silence for a pass', async () => {
    const busy = new PortError('Unavailable', '503');
    const { of, verdicts } = await smoke((_question, attempt) => (attempt === 1 ? busy : {}));
    expect(of('What is the cutoff?').verdict).to.equal('pass');
    expect(worstVerdict(verdicts)).to.equal('pass');
    const silent = await smoke(() => new PortError('NotFound', 'gone'));
    for (const gate of ['What is the cutoff?', 'contract', 'prompt injection'])
      expect(silent.of(gate).verdict, gate).to.equal('unmeasured');
  });

  it('asks known questions alone where a rollout of 0.1.0 asks', async () => {
    const { releaseId, questions } = { releaseId: 'm-r2', questions: [] };
    const { smokeTest } = createSmokeActivities({
      store: world.store,
      chat: { complete: async () => ({ text: 'Hi', promptTokens: 1, completionTokens: 1, milliseconds: 1 }) },
    });
    const verdicts = await new MockActivityEnvironment().run(smokeTest, { releaseId, target, questions });
    expect(verdicts).to.have.length(1);
  });
});
