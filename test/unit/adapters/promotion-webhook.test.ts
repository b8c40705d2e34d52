import { expect } from 'chai';
import type { FastifyInstance } from 'fastify';
import { signDelivery } from '../../../src/adapters/mlflow-webhook/delivery-signature.js';
import { createPromotionWebhook, type Promotion } from '../../../src/adapters/mlflow-webhook/promotion-webhook.js';

const secret = 'a secret of sixteen or more';
const now = Date.parse('2026-03-01T00:00:00.000Z');

describe("MLflow's webhook", () => {
  let told: Promotion[];
  let answer: () => Promise<boolean>;
  let server: FastifyInstance;
  beforeEach(() => {
    told = [];
    answer = () => Promise.resolve(true);
    server = createPromotionWebhook({
      secret,
      now: () => now,
      tell: async (promotion) => {
        told.push(promotion);
        return answer();
      },
    });
  });
  afterEach(() => server.close());

  const moved = { name: 'support-assistant', alias: 'promote', version: '7' };
  const bodyOf = (data: unknown, entity = 'model_version_alias', action = 'created'): string =>
    JSON.stringify({ entity, action, timestamp: '2026-03-01T00:00:00+00:00', data });
  const post = (body: string, more: Record<string, string> = {}, seconds = now / 1000) => {
    const timestamp = String(seconds);
    const signature = signDelivery({ secret, deliveryId: 'd1', timestamp, body });
    const headers = { 'x-mlflow-delivery-id': 'd1', 'x-mlflow-timestamp': timestamp, 'x-mlflow-signature': signature };
    return server.inject({
      method: 'POST',
      url: '/mlflow',
      headers: { 'content-type': 'application/json', ...headers, ...more },
      payload: body,
    });
  };

  it('signs as MLflow does', () => {
    // By mlflow.webhooks.delivery._generate_hmac_signature of MLflow 3.17.2.
    expect(signDelivery({ secret: 'key', deliveryId: 'd1', timestamp: '1772323200', body: '{"a": 1}' })).to.equal(
      'v1,zE5kP71LwEkh5IZKQ8vRG1hr4ypCLIqIj9A5KsjWU5c=',
    );
  });

  it('tells the lifecycle which version carries the alias', async () => {
    const { statusCode, body } = await post(bodyOf(moved));
    expect({ statusCode, body: JSON.parse(body) as unknown }).to.deep.equal({ statusCode: 200, body: { asked: true } });
    expect(told).to.deep.equal([{ model: 'support-assistant', version: '7' }]);
  });

  it('tells nobody of anything else', async () => {
    for (const body of [
      bodyOf({ ...moved, alias: 'champion' }),
      bodyOf(moved, 'model_version_alias', 'deleted'),
      bodyOf({ name: 'x', version: '1', key: 'k', value: 'v' }, 'model_version_tag', 'set'),
      bodyOf({ ...moved, name: '../etc' }),
      bodyOf({ ...moved, version: '7; drop' }),
    ]) {
      const { statusCode, json } = await post(body);
      expect(statusCode).to.equal(200);
      expect(json()).to.deep.equal({ asked: false });
    }
    expect(told).to.deep.equal([]);
  });

  it('takes nothing that is unsigned, forged, changed or old', async () => {
    const other = signDelivery({
      secret: 'another',
      deliveryId: 'd1',
      timestamp: String(now / 1000),
      body: bodyOf(moved),
    });
    const answers = [
      await post(bodyOf(moved), { 'x-mlflow-signature': '' }),
      await post(bodyOf(moved), { 'x-mlflow-signature': other }),
      await post(bodyOf(moved), { 'x-mlflow-signature': 'v1,' }),
      await post(bodyOf(moved), { 'x-mlflow-delivery-id': 'd2' }),
      await post(bodyOf(moved), { 'x-mlflow-timestamp': String(now / 1000 + 1) }),
      await post(bodyOf(moved), {}, now / 1000 - 301),
      await post(bodyOf(moved), {}, now / 1000 + 301),
      await post(bodyOf(moved), {}, NaN),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).to.deep.equal(answers.map(() => 401));
    expect(answers.map(({ body }) => body).join()).not.to.contain(secret);
    expect((await post('{"entity": 1}')).statusCode).to.equal(400);
    expect((await post('no json')).statusCode).to.equal(400);
    expect((await post(bodyOf(moved), { 'content-type': 'text/plain' })).statusCode).to.equal(415);
    expect((await post(bodyOf({ ...moved, padding: 'x'.repeat(70_000) }))).statusCode).to.equal(413);
    expect(told).to.deep.equal([]);
  });

  it('has MLflow come again where Temporal is away, and not where there is no lifecycle', async () => {
    answer = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:7233'));
    const away = await post(bodyOf(moved));
    expect(away.statusCode).to.equal(503);
    expect(away.body).not.to.contain('10.0.0.7');
    answer = () => Promise.resolve(false);
    expect((await post(bodyOf(moved))).json()).to.deep.equal({ asked: false });
  });
});
