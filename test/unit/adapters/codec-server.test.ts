import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import { createCodecServer } from '../../../src/adapters/payload-codec/codec-server.js';
import { EncryptingCodec } from '../../../src/adapters/payload-codec/encrypting-codec.js';
import { Secret } from '../../../src/config/secret.js';

const token = 'correct-horse-battery';
const origin = 'http://127.0.0.1:8233';
const bearer = { authorization: `Bearer ${token}` };

interface Sent {
  payloads: { metadata: Record<string, string>; data: string }[];
}

describe('codec server', () => {
  const codec = new EncryptingCodec({ keys: [{ id: 'k1', key: new Secret(randomBytes(32).toString('base64')) }] });
  let server: FastifyInstance;
  before(() => {
    server = createCodecServer({ codec, token, origin });
  });
  after(() => server.close());
  const post = (path: string, payload: object, headers: Record<string, string> = bearer) =>
    server.inject({ method: 'POST', url: path, headers, payload });
  const plain = (value: unknown): Sent => {
    const { metadata, data } = defaultPayloadConverter.toPayload(value);
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    return { payloads: [{ metadata: { encoding: text(metadata!['encoding']!) }, data: text(data!) }] };
  };

  it('encrypts and decrypts as the UI and the command line ask', async () => {
    const encoded = await post('/encode', plain({ secret: 'ada@example.com' }));
    expect(encoded.statusCode).to.equal(200);
    expect(Buffer.from(encoded.json<Sent>().payloads[0]!.data, 'base64').toString('latin1')).not.to.contain('ada@');
    const decoded = await post('/decode', encoded.json<Sent>());
    expect(decoded.json()).to.deep.equal(plain({ secret: 'ada@example.com' }));
  });

  it('answers nobody without the token', async () => {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { authorization: `Bearer ${token}x` },
      { authorization: token },
      { cookie: `understudy-codec=${'0'.repeat(64)}` },
    ] as Record<string, string>[])
      for (const path of ['/decode', '/encode']) {
        const answer = await post(path, plain('x'), headers);
        expect(answer.statusCode, JSON.stringify(headers)).to.equal(401);
        expect(answer.body).not.to.contain(token);
      }
  });

  it("lets the UI's own origin ask from a browser, and no other", async () => {
    const preflight = (from: string) =>
      server.inject({
        method: 'OPTIONS',
        url: '/decode',
        headers: { origin: from, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight(origin);
    expect(allowed.statusCode).to.equal(204);
    expect(allowed.headers).to.include({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
    });
    for (const other of ['http://evil.example', 'http://127.0.0.1:8234', 'null']) {
      const refused = await preflight(other);
      expect(refused.statusCode).to.equal(403);
      expect(refused.headers).not.to.have.property('access-control-allow-origin');
      expect((await post('/decode', plain('x'), { ...bearer, origin: other })).statusCode).to.equal(403);
    }
  });

  it('gives a browser a cookie for the token, which no script and no other site can use', async () => {
    const give = (text: string) =>
      server.inject({
        method: 'POST',
        url: '/session',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: `token=${text}`,
      });
    expect((await give('wrong')).statusCode).to.equal(403);
    const given = await give(token);
    const cookie = String(given.headers['set-cookie']);
    expect(cookie).to.contain('HttpOnly').and.to.contain('SameSite=Strict').and.not.to.contain(token);
    const headers = { cookie: cookie.split(';')[0]!, origin };
    expect((await post('/decode', plain('x'), headers)).statusCode).to.equal(200);
    expect((await server.inject({ url: '/' })).headers['content-security-policy']).to.contain("default-src 'none'");
  });

  it('refuses what is no list of payloads, and shows why one can not be read', async () => {
    for (const body of [{}, { payloads: 'x' }, { payloads: [{ data: 1 }] }])
      expect((await post('/decode', body)).statusCode).to.equal(400);
    const other = new EncryptingCodec({ keys: [{ id: 'k9', key: new Secret(randomBytes(32).toString('base64')) }] });
    const foreign = createCodecServer({ codec: other, token, origin });
    const encoded = await foreign.inject({ method: 'POST', url: '/encode', headers: bearer, payload: plain('x') });
    const shown = (await post('/decode', encoded.json<Sent>())).json<Sent>().payloads[0]!;
    expect(Buffer.from(shown.data, 'base64').toString('utf8')).to.contain('payload key k9');
    await foreign.close();
  });

  it('hides nothing that can be read behind what can not', async () => {
    const other = new EncryptingCodec({ keys: [{ id: 'k9', key: new Secret(randomBytes(32).toString('base64')) }] });
    const foreign = createCodecServer({ codec: other, token, origin });
    const lost = await foreign.inject({ method: 'POST', url: '/encode', headers: bearer, payload: plain('lost') });
    const kept = await post('/encode', plain('kept'));
    const both = {
      payloads: [...lost.json<Sent>().payloads, ...kept.json<Sent>().payloads, ...plain('bare').payloads],
    };
    const shown = (await post('/decode', both)).json<Sent>().payloads;
    const texts = shown.map(({ data }) => Buffer.from(data, 'base64').toString('utf8'));
    expect(texts).to.have.length(3);
    expect(texts[0]).to.contain('payload key k9');
    expect(texts.slice(1)).to.deep.equal(['"kept"', '"bare"']);
    await foreign.close();
  });

  describe('behind a proxy with TLS', () => {
    const behind = { 'x-forwarded-proto': 'https', host: 'codec.example.com', origin: 'https://codec.example.com' };
    const give = () =>
      server.inject({
        method: 'POST',
        url: '/session',
        headers: { ...behind, 'content-type': 'application/x-www-form-urlencoded' },
        payload: `token=${token}`,
      });

    it('gives the cookie to its own page, and to no plain connection', async () => {
      const given = await give();
      expect(given.statusCode).to.equal(200);
      const cookie = String(given.headers['set-cookie']);
      expect(cookie).to.contain('HttpOnly').and.to.contain('SameSite=None; Secure');
      const headers = { cookie: cookie.split(';')[0]!, origin, authorization: 'Bearer of-the-ui-itself' };
      expect((await post('/decode', plain('x'), headers)).statusCode).to.equal(200);
      expect((await post('/decode', plain('x'), { ...headers, origin: 'https://evil.example' })).statusCode).to.equal(
        403,
      );
    });

    it('may be asked by a UI on the internet', async () => {
      const preflight = await server.inject({
        method: 'OPTIONS',
        url: '/decode',
        headers: { origin, 'access-control-request-private-network': 'true' },
      });
      expect(preflight.headers).to.include({ 'access-control-allow-private-network': 'true' });
    });
  });
});
