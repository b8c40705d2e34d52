import { inspect } from 'node:util';
import { expect } from 'chai';
import { MlflowClient } from '../../src/client.js';
import * as errors from '../../src/errors.js';
import { failureOf, sendJson, startStub } from '../support/stub-server.js';
import type { StubServer } from '../support/stub-server.js';

type Answer = Parameters<typeof startStub>[0];
const experiment = { experiment_id: '1', name: 'e', lifecycle_stage: 'active' };

describe('transport', () => {
  let stub: StubServer | undefined;
  const serve = async (answer: Answer, options: Partial<ConstructorParameters<typeof MlflowClient>[0]> = {}) => {
    stub = await startStub(answer);
    return new MlflowClient({ trackingUri: stub.uri, retries: 0, timeoutMs: 5000, ...options });
  };
  afterEach(async () => {
    await stub?.stop();
    stub = undefined;
  });
  const seen = () => stub?.seen ?? [];

  describe('answers', () => {
    it('reads JSON, with unknown fields and 64-bit numbers as text', async () => {
      const body = { experiment: { ...experiment, creation_time: '1795234037485', news: {} } };
      const client = await serve((_, response) => sendJson({ response, body }));
      expect((await client.experiments.get({ experimentId: '1' })).createdAt).to.equal(1_795_234_037_485);
      expect(seen()[0]?.url).to.equal('/api/2.0/mlflow/experiments/get?experiment_id=1');
    });

    it('keeps the path of a server behind a prefix', async () => {
      stub = await startStub((_, response) => sendJson({ response, body: { experiment } }));
      await new MlflowClient({ trackingUri: `${stub.uri}/ml/` }).experiments.get({ experimentId: '1' });
      expect(seen()[0]?.url).to.match(/^\/ml\/api\/2\.0\//);
    });

    it("carries MLflow's code and message", async () => {
      const body = { error_code: 'INVALID_PARAMETER_VALUE', message: 'bad name' };
      const client = await serve((_, response) => sendJson({ response, status: 400, body }));
      const error = await failureOf(client.runs.get({ runId: 'x' }));
      expect(error).to.be.instanceOf(errors.MlflowInvalidParameterError);
      expect((error as Error).message).to.equal(
        'GET /api/2.0/mlflow/runs/get answered 400 INVALID_PARAMETER_VALUE: bad name',
      );
    });

    it('makes sense of pages and plain text from proxies', async () => {
      const client = await serve((_, response) => response.writeHead(502).end('<html><h1>Bad\n Gateway</h1></html>'));
      const error = await failureOf(client.runs.get({ runId: 'x' }));
      expect(error)
        .to.be.instanceOf(errors.MlflowUnavailableError)
        .with.property('message')
        .that.matches(/502: Bad Gateway$/);
    });

    it('says so when the address is no MLflow server', async () => {
      const client = await serve((_, response) => response.end('<html>Welcome</html>'));
      const error = await failureOf(client.runs.get({ runId: 'x' }));
      expect(error)
        .to.be.instanceOf(errors.MlflowResponseError)
        .with.property('message')
        .that.includes('<html>Welcome');
    });

    it('names the field that is not as promised', async () => {
      const client = await serve((_, response) =>
        sendJson({ response, body: { experiment: { ...experiment, name: 5 } } }),
      );
      const error = await failureOf(client.experiments.get({ experimentId: '1' }));
      expect(error)
        .to.be.instanceOf(errors.MlflowResponseError)
        .with.property('message')
        .that.includes('experiment.name');
    });

    it('does not follow a redirect, which would turn a POST into a GET', async () => {
      const client = await serve((_, response) => response.writeHead(301, { location: 'https://example.org/' }).end());
      const error = await failureOf(client.runs.create({ experimentId: '1' }));
      expect(error)
        .to.be.instanceOf(errors.MlflowApiError)
        .with.property('message')
        .that.includes('https://example.org/; set trackingUri');
      expect(seen()).to.have.length(1);
      const target = { artifactUri: 'mlflow-artifacts:/1', path: 'a', content: 'x' };
      expect(await failureOf(client.artifacts.upload(target)))
        .to.have.property('message')
        .that.includes('redirect');
    });

    it('reports an answer that breaks off in the middle', async () => {
      const client = await serve((_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"experiment": {', () => response.destroy());
      });
      const error = await failureOf(client.experiments.get({ experimentId: '1' }));
      expect(error).to.be.instanceOf(errors.MlflowConnectionError).with.property('neverSent', false);
    });

    it('reports a server that is not there', async () => {
      const client = await serve(() => undefined);
      await stub?.stop();
      const error = await failureOf(client.experiments.get({ experimentId: '1' }));
      expect(error).to.be.instanceOf(errors.MlflowConnectionError).with.property('neverSent', true);
      expect((error as Error).message)
        .to.include('ECONNREFUSED')
        .and.include('Check that the server runs');
    });
  });

  describe('retries', () => {
    const flaky =
      (status: number, failures: number, headers: Record<string, string> = { 'retry-after': '0' }): Answer =>
      (_, response, count) =>
        count <= failures
          ? sendJson({ response, status, body: {}, headers })
          : sendJson({ response, body: { experiment, experiment_id: '1' } });

    for (const status of [429, 500, 502, 503, 504]) {
      it(`repeats a read after ${status}`, async () => {
        const client = await serve(flaky(status, 2), { retries: 2 });
        expect((await client.experiments.get({ experimentId: '1' })).name).to.equal('e');
        expect(seen()).to.have.length(3);
      });
    }

    it('gives up after the last one, with the last error', async () => {
      const client = await serve(flaky(503, 9), { retries: 2 });
      expect(await failureOf(client.experiments.get({ experimentId: '1' }))).to.be.instanceOf(
        errors.MlflowUnavailableError,
      );
      expect(seen()).to.have.length(3);
    });

    for (const status of [400, 401, 403, 404, 409, 501]) {
      it(`never repeats after ${status}`, async () => {
        const client = await serve(flaky(status, 1), { retries: 5 });
        await failureOf(client.experiments.get({ experimentId: '1' }));
        expect(seen()).to.have.length(1);
      });
    }

    it('never repeats a creation that the server may have done', async () => {
      const client = await serve(flaky(503, 1), { retries: 5 });
      await failureOf(client.experiments.create({ name: 'e' }));
      expect(seen()).to.have.length(1);
    });

    it('repeats a creation that the server turned away', async () => {
      const client = await serve(flaky(429, 1), { retries: 1 });
      expect(await client.experiments.create({ name: 'e' })).to.deep.equal({ experimentId: '1' });
      expect(seen()).to.have.length(2);
    });

    it('makes no repetition with 0, and lets a call decide for itself', async () => {
      const client = await serve(flaky(503, 1));
      await failureOf(client.experiments.get({ experimentId: '1' }));
      expect(seen()).to.have.length(1);
      const other = new MlflowClient({ trackingUri: stub?.uri ?? '', retries: 5 });
      expect((await other.experiments.get({ experimentId: '1', retries: 0 })).name).to.equal('e');
      expect(seen()).to.have.length(2);
    });

    it('tells how long the server asks to wait', async () => {
      const client = await serve(flaky(429, 1, { 'retry-after': '7' }));
      expect(await failureOf(client.experiments.get({ experimentId: '1' }))).to.include({ retryAfterMs: 7000 });
    });

    it('sends bytes again, but a stream never', async () => {
      const answer: Answer = (_, response, count) =>
        sendJson({ response, status: count % 2 === 1 ? 503 : 200, body: {}, headers: { 'retry-after': '0' } });
      const client = await serve(answer, { retries: 1 });
      const target = { artifactUri: 'mlflow-artifacts:/1/r/artifacts', path: 'a' };
      await client.artifacts.upload({ ...target, content: 'hello' });
      expect(seen().map(({ body }) => body)).to.deep.equal(['hello', 'hello']);
      expect(await failureOf(client.artifacts.upload({ ...target, content: new Blob(['x']).stream() }))).to.include({
        status: 503,
      });
      expect(seen()).to.have.length(3);
    });
  });

  describe('aborts and time limits', () => {
    it("throws the caller's own reason", async () => {
      const controller = new AbortController();
      const reason = new Error('the release was cancelled');
      const client = await serve(() => controller.abort(reason), { retries: 5 });
      expect(await failureOf(client.runs.get({ runId: 'x', signal: controller.signal }))).to.equal(reason);
    });

    it('sends nothing when the signal is aborted already', async () => {
      const client = await serve((_, response) => response.end('{}'));
      const error = await failureOf(client.runs.get({ runId: 'x', signal: AbortSignal.abort(new Error('no')) }));
      expect(error).to.have.property('message', 'no');
      expect(seen()).to.have.length(0);
    });

    it('ends the pause before a repetition at once', async () => {
      const controller = new AbortController();
      const client = await serve(
        (_, response) => {
          sendJson({ response, status: 503, body: {}, headers: { 'retry-after': '9' } });
          response.once('close', () => setImmediate(() => controller.abort(new Error('enough'))));
        },
        { retries: 3 },
      );
      const started = Date.now();
      expect(await failureOf(client.runs.get({ runId: 'x', signal: controller.signal }))).to.have.property(
        'message',
        'enough',
      );
      expect(Date.now() - started).to.be.below(5000);
    });

    it('gives up on a silent server, naming call and limit', async () => {
      const client = await serve(() => undefined, { timeoutMs: 50 });
      const error = await failureOf(client.runs.get({ runId: 'x' }));
      expect(error).to.be.instanceOf(errors.MlflowTimeoutError).and.include({ timeoutMs: 50, retryable: true });
      expect((error as Error).message).to.match(/^GET \/api\/2.0\/mlflow\/runs\/get: .*50 ms/);
    });

    it('gives up on a body that stops coming', async () => {
      const client = await serve((_, response) => void response.write('{'), { timeoutMs: 50 });
      expect(await failureOf(client.runs.get({ runId: 'x' }))).to.be.instanceOf(errors.MlflowTimeoutError);
    });

    it("leaves no listener on the caller's signal", async () => {
      const { signal } = new AbortController();
      let listeners = 0;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...input: Parameters<typeof add>) => ((listeners += 1), add(...input));
      signal.removeEventListener = (...input: Parameters<typeof remove>) => ((listeners -= 1), remove(...input));
      const client = await serve((_, response) => sendJson({ response, body: { experiment } }));
      await client.experiments.get({ experimentId: '1', signal });
      expect(listeners).to.equal(0);
    });
  });

  describe('credentials', () => {
    const secret = 'hunter2-very-secret';
    const encoded = Buffer.from(`ada:${secret}`).toString('base64');

    it('are sent with every kind of call', async () => {
      const client = await serve((_, response) => sendJson({ response, body: { experiment } }), {
        username: 'ada',
        password: secret,
      });
      await client.experiments.get({ experimentId: '1' });
      await client.artifacts.upload({ artifactUri: 'mlflow-artifacts:/1', path: 'a', content: 'x' });
      await client.version();
      expect(seen().map(({ headers }) => headers.authorization)).to.deep.equal(Array(3).fill(`Basic ${encoded}`));
    });

    it('never show in an error, even when the server repeats them', async () => {
      const client = await serve(
        ({ headers }, response) =>
          sendJson({
            response,
            status: 401,
            body: { error_code: 'UNAUTHENTICATED', message: `${headers.authorization} ${secret}` },
          }),
        { username: 'ada', password: secret },
      );
      const error = await failureOf(client.runs.get({ runId: 'x' }));
      expect(error).to.be.instanceOf(errors.MlflowAuthenticationError);
      expect(inspect(error, { depth: 9, showHidden: true }))
        .to.include('Basic [redacted]')
        .and.not.include(secret)
        .and.not.include(encoded);
    });

    it('never show when the connection fails', async () => {
      const client = await serve(() => undefined, { token: secret });
      await stub?.stop();
      expect(inspect(await failureOf(client.runs.get({ runId: 'x' })), { depth: 9, showHidden: true })).to.not.include(
        secret,
      );
    });
  });
});
