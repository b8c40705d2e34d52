import { expect } from 'chai';
import type { RequestLogSpec } from '../../src/domain/spec/gateway-spec.js';
import { removeOldLogs } from '../../src/gateway/log-retention.js';
import type { ModelState } from '../../src/gateway/plan-reader.js';
import type { AnswerLine, FeedbackLine, LogLine } from '../../src/gateway/request-log.js';
import { ask, model, openGatewayWorld, type GatewayWorld } from './support/gateway-world.js';
import { readSegments } from './support/read-segments.js';

describe('gateway: request log', () => {
  let world: GatewayWorld;
  beforeEach(async () => {
    world = await openGatewayWorld();
    await world.writePlan();
  });
  afterEach(() => world.close());

  /** What is logged of a request and a comment with personal data in them. */
  const logged = async (requestLog: Partial<RequestLogSpec>): Promise<[AnswerLine, FeedbackLine]> => {
    await world.writeServing({ slowMilliseconds: 450, requestLog });
    const app = await world.gateway();
    const query = 'I am ann@example.org';
    const { id } = (await ask(app, { body: { query, user: 'ann@example.org', session: 's' } })).json<{ id: string }>();
    const comment = 'call +49 30 901820';
    await ask(app, { url: '/feedback', body: { id, rating: 'up', comment } });
    await app.close();
    const { rows } = await readSegments<LogLine>({ store: world.store, prefix: `requests/${model}/` });
    expect(rows.map(({ kind }) => kind)).to.deep.equal(['answer', 'feedback']);
    return rows as [AnswerLine, FeedbackLine];
  };

  it('takes personal data out and gives people pseudonyms', async () => {
    const [answer, feedback] = await logged({});
    expect(answer).to.include({ query: 'I am [EMAIL_1]', answer: 'm-r1: I am [EMAIL_1]' });
    expect(answer.user).to.match(/^[\w-]{22}$/);
    expect(answer.session)
      .to.match(/^[\w-]{22}$/)
      .and.not.to.equal(answer.user);
    expect(feedback.comment).to.equal('call [PHONE_1]');
  });

  it('leaves all texts out where the spec says so', async () => {
    const [answer, feedback] = await logged({ personalData: 'leaveOut' });
    expect([answer.query, answer.answer, feedback.comment]).to.deep.equal([null, null, null]);
    expect(answer).to.include({ status: 200, promptTokens: 7 });
  });

  it('keeps everything where the spec says so', async () => {
    const [answer, feedback] = await logged({ personalData: 'keep' });
    expect(answer).to.include({ query: 'I am ann@example.org', user: 'ann@example.org', session: 's' });
    expect(feedback.comment).to.equal('call +49 30 901820');
  });

  it('logs the sample that the spec names, and all feedback', async () => {
    await world.writeServing({ slowMilliseconds: 450, requestLog: { sample: 0.5 } });
    const app = await world.gateway();
    for (let n = 0; n < 80; n += 1) {
      const { id } = (await ask(app)).json<{ id: string }>();
      await ask(app, { url: '/feedback', body: { id, rating: 'up' } });
    }
    await app.close();
    const { rows } = await readSegments<LogLine>({ store: world.store, prefix: `requests/${model}/` });
    expect(rows.filter(({ kind }) => kind === 'answer').length).to.be.within(15, 65);
    expect(rows.filter(({ kind }) => kind === 'feedback')).to.have.length(80);
  });

  it('removes the hours that are older than the spec keeps', async () => {
    const hours = ['2026-11-20/23', '2026-11-21/00', '2026-11-21/01', '2026-11-21/12'];
    for (const hour of hours)
      await world.store.put({ key: `requests/${model}/${hour}/g1-1.jsonl.zst`, body: Buffer.from('x') });
    const state = (retention: string | null) =>
      [{ plan: { model }, requestLog: { sample: 1, retention, personalData: 'redact' } }] as unknown as ModelState[];
    const clock = () => Date.parse('2026-11-21T13:00:00Z');
    const left = async () => {
      const keys: string[] = [];
      for await (const { key } of world.store.list({ prefix: `requests/${model}/` }))
        keys.push(key.split('/').slice(2, 4).join('/'));
      return keys;
    };
    await removeOldLogs({ store: world.store, states: state(null), clock });
    expect(await left()).to.deep.equal(hours);
    expect(await removeOldLogs({ store: world.store, states: state('PT12H'), clock })).to.deep.equal({ removed: 2 });
    expect(await left()).to.deep.equal(hours.slice(2));
  });
});
