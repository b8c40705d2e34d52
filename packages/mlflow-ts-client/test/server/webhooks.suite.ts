import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { MlflowInvalidParameterError, MlflowNotFoundError } from '../../src/errors.js';
import { collect } from '../../src/paging.js';
import { uniqueName } from '../support/context.js';
import type { Context } from '../support/context.js';
import { failureOf } from '../support/stub-server.js';

interface Delivery {
  headers: IncomingHttpHeaders;
  body: string;
}

export function webhooksSuite(context: Context): void {
  const secret = 'a secret of sixteen or more';
  let receiver: Server;
  let url: string;
  let delivered: (delivery: Delivery) => void;
  let webhookId: string;

  before(async () => {
    receiver = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (part: string) => (body += part));
      request.on('end', () => {
        delivered({ headers: request.headers, body });
        response.writeHead(200).end('taken');
      });
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  });
  after(async () => {
    await context().client.webhooks.delete({ webhookId });
    receiver.close();
  });

  it('are made, listed, changed and read', async () => {
    const { webhooks } = context().client;
    const made = await webhooks.create({ name: uniqueName('hook'), url, events: ['model_version.created'], secret });
    ({ webhookId } = made);
    expect(made).to.deep.include({ url, status: 'ACTIVE', events: ['model_version.created'] });
    expect(JSON.stringify(made)).not.to.contain(secret);
    await webhooks.update({ webhookId, events: ['model_version_alias.created'], description: 'promotions' });
    const listed = await collect({ items: webhooks.list({ pageSize: 1 }) });
    expect(listed.map((one) => one.webhookId)).to.include(webhookId);
    expect(await webhooks.get({ webhookId })).to.deep.include({
      ...{ url, events: ['model_version_alias.created'], description: 'promotions' },
    });
  });

  it('are signed over id, time and body when an alias moves', async () => {
    const { registeredModels, modelVersions } = context().client;
    const name = uniqueName('promoted');
    await registeredModels.create({ name });
    const { version } = await modelVersions.create({ name, source: 's3://models/x' });
    const delivery = new Promise<Delivery>((resolve) => (delivered = resolve));
    await registeredModels.setAlias({ name, alias: 'promote', version });
    const { headers, body } = await delivery;
    expect(JSON.parse(body)).to.deep.include({
      ...{ entity: 'model_version_alias', action: 'created', data: { name, alias: 'promote', version } },
    });
    const signed = `${String(headers['x-mlflow-delivery-id'])}.${String(headers['x-mlflow-timestamp'])}.${body}`;
    const expected = createHmac('sha256', secret).update(signed).digest('base64');
    expect(headers['x-mlflow-signature']).to.equal(`v1,${expected}`);
  });

  it('can be tried', async () => {
    const delivery = new Promise<Delivery>((resolve) => (delivered = resolve));
    expect(await context().client.webhooks.test({ webhookId })).to.deep.include({ success: true, status: 200 });
    expect((await delivery).headers['x-mlflow-signature']).to.match(/^v1,/);
  });

  it('say what is wrong', async () => {
    const { webhooks } = context().client;
    const wrong = webhooks.create({
      name: uniqueName('ftp'),
      url: 'ftp://127.0.0.1/x',
      events: ['model_version.created'],
    });
    expect(await failureOf(wrong)).to.be.instanceOf(MlflowInvalidParameterError);
    expect(await failureOf(webhooks.get({ webhookId: 'no-such' }))).to.be.instanceOf(MlflowNotFoundError);
  });
}
