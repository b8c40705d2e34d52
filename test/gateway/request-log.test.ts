import { expect } from 'chai';
import type { RequestLogSpec } from '../../src/domain/spec/gateway-spec.js';
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
});
