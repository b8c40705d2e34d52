import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { MlflowClient } from '../../src/client.js';
import {
  MlflowArgumentError,
  MlflowAuthenticationError,
  MlflowConnectionError,
  MlflowTimeoutError,
} from '../../src/errors.js';
import { failureOf, sendJson, startStub } from '../support/stub-server.js';
import type { StubServer } from '../support/stub-server.js';

const target = { artifactUri: 'mlflow-artifacts:/1/r/artifacts', path: 'a' };

describe('streams', () => {
  let stub: StubServer;
  const serve = async (answer: Parameters<typeof startStub>[0], timeoutMs = 5000) => {
    stub = await startStub(answer);
    return new MlflowClient({ trackingUri: stub.uri, retries: 0, timeoutMs }).artifacts;
  };
  afterEach(() => stub.stop());

  it('hands a download over piece by piece, with its size', async () => {
    const bytes = randomBytes(3_000_000);
    const artifacts = await serve((_, response) =>
      response.writeHead(200, { 'content-length': String(bytes.length) }).end(bytes),
    );
    const { body, size } = await artifacts.download(target);
    const hash = createHash('sha256');
    let pieces = 0;
    for await (const piece of body) {
      hash.update(piece);
      pieces += 1;
    }
    expect(size).to.equal(bytes.length);
    expect(pieces).to.be.greaterThan(1);
    expect(hash.digest('hex')).to.equal(createHash('sha256').update(bytes).digest('hex'));
  });

  it('never takes a download that breaks off for a whole one, nor leaves half a file', async () => {
    const artifacts = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    const directory = await mkdtemp(join(tmpdir(), 'mlflow-client-'));
    try {
      expect(await failureOf(artifacts.downloadFile({ ...target, file: join(directory, 'a') }))).to.be.instanceOf(
        MlflowConnectionError,
      );
      expect(await readdir(directory)).to.deep.equal([]);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('gives a slow reader all the time, a silent server only the limit', async () => {
    const artifacts = await serve((_, response) => void response.write('first'), 500);
    const { body } = await artifacts.download(target);
    await sleep(1_000);
    const reader = body.getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).to.equal('first');
    await sleep(1_000);
    expect(await failureOf(reader.read())).to.be.instanceOf(MlflowTimeoutError);
  });

  it('ends with the reason of an abort in the middle', async () => {
    const controller = new AbortController();
    const artifacts = await serve((_, response) => void response.write('first'));
    const { body } = await artifacts.download({ ...target, signal: controller.signal });
    const reader = body.getReader();
    await reader.read();
    controller.abort(new Error('stop'));
    expect(await failureOf(reader.read())).to.have.property('message', 'stop');
  });

  it('closes the connection of a download that is cancelled unread', async () => {
    let closed: () => void;
    const gone = new Promise<void>((done) => (closed = done));
    const artifacts = await serve((_, response) => {
      response.once('close', () => closed());
      response.write('first');
    });
    await (await artifacts.download(target)).body.cancel();
    await gone;
  });

  it('refuses to fill the memory', async () => {
    const artifacts = await serve((_, response) => response.end('x'.repeat(100)));
    expect(await failureOf(artifacts.downloadBytes({ ...target, maxBytes: 99 })))
      .to.be.instanceOf(MlflowArgumentError)
      .with.property('message')
      .that.includes('maxBytes, 99');
  });

  it('lets an upload take longer than the limit as long as it moves', async () => {
    const artifacts = await serve((_, response) => sendJson({ response, body: {} }), 200);
    async function* slow() {
      for (let piece = 0; piece < 6; piece += 1) {
        await sleep(60);
        yield Buffer.from(String(piece));
      }
    }
    await artifacts.upload({ ...target, content: slow() });
    expect(stub.seen[0]?.body).to.equal('012345');
    expect(stub.seen[0]?.headers['transfer-encoding']).to.equal('chunked');
  });

  it('says the length of bytes beforehand', async () => {
    const artifacts = await serve((_, response) => sendJson({ response, body: {} }));
    await artifacts.upload({ ...target, content: 'é'.repeat(400_000) });
    expect(stub.seen[0]?.headers['content-length']).to.equal('800000');
    expect(stub.seen[0]?.body).to.equal('é'.repeat(400_000));
  });

  it('passes on the error of a source, and the refusal of a server', async () => {
    const artifacts = await serve((_, response) => sendJson({ response, status: 401, body: {} }));
    const failure = new Error('disk gone');
    async function* broken() {
      yield Buffer.from('a');
      throw failure;
    }
    expect(await failureOf(artifacts.upload({ ...target, content: broken() }))).to.equal(failure);
    expect(await failureOf(artifacts.upload({ ...target, content: 'a' }))).to.be.instanceOf(MlflowAuthenticationError);
  });

  it('refuses what is no file', async () => {
    const artifacts = await serve((_, response) => sendJson({ response, body: {} }));
    expect(await failureOf(artifacts.uploadFile({ ...target, file: tmpdir() })))
      .to.be.instanceOf(MlflowArgumentError)
      .with.property('message')
      .that.includes('uploadDirectory');
    expect(await failureOf(artifacts.uploadFile({ ...target, file: '/does/not/exist' })))
      .to.be.instanceOf(MlflowArgumentError)
      .with.property('message')
      .that.includes('ENOENT');
  });
});
