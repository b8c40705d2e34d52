import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readQuestions, startReplay, type Question } from '../../src/client/start/demonstration/traffic-replay.js';
import { makeScratch, until } from './support/scratch.js';

const questions = [
  { user: 'U-1', query: 'one' },
  { user: 'U-2', query: 'two' },
];

describe('traffic replay', () => {
  it('rests until it is needed and again when it is not', async () => {
    const seen: Question[] = [];
    const send = async (question: Question) => seen.push(question) > 0;
    const replay = startReplay({ questions, send, rate: { start: 100, least: 1, most: 100 }, inFlight: 4 });
    expect(replay.sent).to.equal(0);
    replay.need(true);
    await until({ what: 'five questions', check: () => replay.sent >= 5 });
    replay.need(false);
    const { sent } = replay;
    await replay.stop();
    expect(replay.sent).to.equal(sent);
    expect(seen.slice(0, 5).map((one) => one.user)).to.deep.equal(['U-1', 'U-2', 'U-1-2', 'U-2-2', 'U-1-3']);
  });

  it('goes on with new users where an earlier run ended', async () => {
    const seen: Question[] = [];
    const send = async (question: Question) => seen.push(question) > 0;
    const replay = startReplay({ questions, send, rate: { start: 100, least: 1, most: 100 }, inFlight: 4, from: 3 });
    replay.need(true);
    await until({ what: 'a question', check: () => replay.sent >= 1 });
    await replay.stop();
    expect(seen[0]).to.deep.equal({ user: 'U-2-2', query: 'two' });
  });

  it('never has more than the bound waiting, and slows down to what the endpoint manages', async () => {
    let waiting = 0;
    let most = 0;
    const send = async () => {
      waiting += 1;
      most = Math.max(most, waiting);
      await new Promise((wake) => setTimeout(wake, 100));
      waiting -= 1;
      return true;
    };
    const replay = startReplay({ questions, send, rate: { start: 1000, least: 1, most: 1000 }, inFlight: 3 });
    replay.need(true);
    await until({ what: 'thirty questions', check: () => replay.sent >= 30 });
    const { ratePerSecond } = replay;
    await replay.stop();
    expect(most).to.equal(3);
    // Three at a time, a tenth of a second each: thirty a second.
    expect(ratePerSecond).to.be.below(120);
  });

  it('counts what was not answered and goes on', async () => {
    let count = 0;
    const send = async () => {
      count += 1;
      if (count === 1) throw new Error('connection refused');
      return count !== 2;
    };
    const replay = startReplay({ questions, send, rate: { start: 200, least: 1, most: 200 }, inFlight: 4 });
    replay.need(true);
    await until({ what: 'four questions', check: () => replay.sent >= 4 });
    await replay.stop();
    expect(replay.failed).to.equal(2);
  });

  it('names file and line of a question that is none', async () => {
    const { folder, remove } = await makeScratch();
    const file = join(folder, 'traffic.jsonl');
    await writeFile(file, '{"user":"U-1","query":"one"}\n{"user":"U-2"}\n');
    const error = await readQuestions({ file }).catch((refusal: unknown) => refusal);
    expect((error as Error).message).to.contain('traffic.jsonl:2: expected');
    await remove();
  });

  it('asks each model its own questions', async () => {
    const sent: Question[] = [];
    const replay = startReplay({
      questions: [
        { user: 'ann', query: 'a', model: 'home' },
        { user: 'bob', query: 'b', model: 'fashion' },
      ],
      send: async (question) => {
        sent.push(question);
        return true;
      },
      rate: { start: 100, least: 1, most: 100 },
      inFlight: 4,
    });
    replay.need(true, 'fashion');
    while (sent.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    replay.need(false);
    await replay.stop();
    expect(new Set(sent.map(({ query }) => query))).to.deep.equal(new Set(['b']));
    expect(sent.slice(0, 3).map(({ user }) => user)).to.deep.equal(['bob', 'bob-2', 'bob-3']);
    replay.need(true, 'unknown');
    expect(replay.sent).to.equal(sent.length);
    await replay.stop();
  });
});
