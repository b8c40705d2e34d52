import { createHash, timingSafeEqual } from 'node:crypto';
import { defaultPayloadConverter, type Payload, type PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PayloadUnreadable } from './encrypting-codec.js';

const { Payload: payloadMessage } = proto.temporal.api.common.v1;

const bodyLimitBytes = 8 * 1024 * 1024;
const cookieName = 'understudy-codec';

/** Payloads as Temporal's UI and command line send them: bytes in base64 (its codec server protocol). */
const payloadsSchema = z.object({
  payloads: z
    .array(z.object({ metadata: z.record(z.string(), z.string()).optional(), data: z.string().optional() }))
    .max(10_000),
});
type PayloadsBody = z.infer<typeof payloadsSchema>;

const read = ({ payloads }: PayloadsBody): Payload[] => payloads.map((one) => payloadMessage.fromObject(one));

const written = (payloads: Payload[]): PayloadsBody => ({
  payloads: payloads.map(
    (one) => payloadMessage.toObject(payloadMessage.create(one), { bytes: String }) as PayloadsBody['payloads'][number],
  ),
});

/** In the same time whatever is wrong with it, length included. */
const sameSecret = (given: string, expected: string): boolean => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
};

/** What a browser opens itself; everything else a UI asks. */
const pages: ReadonlySet<string> = new Set(['/', '/session', '/healthz']);

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Understudy codec server</title>
<form method="post" action="/session"><label>Token <input name="token" type="password" autofocus required></label>
<button>Let this browser read payloads</button></form></html>`;

/**
 * Where a browser sends the cookie from. Behind TLS the UI may be of another site, as Temporal Cloud's is; which origin
 * may ask is checked in any case. Without TLS browsers take no such cookie.
 */
const sites = ({ headers }: FastifyRequest): string =>
  headers['x-forwarded-proto'] === 'https' ? 'SameSite=None; Secure' : 'SameSite=Strict';

/** Decrypts each payload by itself, so that one that can't be read says why and hides none of the others. */
const decodeEach = async (codec: PayloadCodec, payloads: Payload[]): Promise<Payload[]> => {
  const decoded = await Promise.all(
    payloads.map((one) =>
      codec.decode([one]).catch((error: unknown) => {
        if (error instanceof PayloadUnreadable) return [defaultPayloadConverter.toPayload(error.message)];
        throw error;
      }),
    ),
  );
  return decoded.flat();
};

/**
 * The codec server that Temporal's UI and command line ask: they show what is encrypted without having a key. Whoever
 * has the token reads everything, so it answers only with it: as a bearer token, or as a cookie that the page at `/`
 * sets for the browser in which the UI runs. Only the UI's own origin may ask from a browser.
 */
export function createCodecServer({
  codec,
  token,
  origin,
}: {
  codec: PayloadCodec;
  token: string;
  /** Of the UI, such as http://127.0.0.1:8233. */
  origin: string;
}): FastifyInstance {
  const server = Fastify({ bodyLimit: bodyLimitBytes, logger: false });
  const cookie = createHash('sha256').update(`cookie ${token}`).digest('hex');

  const isAllowed = ({ headers: { authorization = '', cookie: cookies = '' } }: FastifyRequest): boolean => {
    const bearer = /^Bearer (.+)$/.exec(authorization)?.[1];
    // A UI that people log in to sends a token of its own beside the cookie.
    if (bearer !== undefined && sameSecret(bearer, token)) return true;
    const mine = new RegExp(`(?:^|;\\s*)${cookieName}=([0-9a-f]{64})(?:;|$)`).exec(cookies)?.[1];
    return mine !== undefined && sameSecret(mine, cookie);
  };

  server.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store').header('vary', 'origin');
    const { origin: asking } = request.headers;
    // Behind TLS the page's own origin is not what this server sees, and the page gives nothing away.
    if (asking === undefined || pages.has(request.url)) return;
    if (asking !== origin) return reply.code(403).send({ error: `origin ${asking}: may not ask; expected ${origin}` });
    reply
      .header('access-control-allow-origin', origin)
      .header('access-control-allow-credentials', 'true')
      .header('access-control-allow-methods', 'POST')
      .header('access-control-allow-headers', 'content-type, authorization, authorization-extras, x-namespace')
      .header('access-control-max-age', '600');
    // A UI on the internet may ask a server on this machine or network (Private Network Access, W3C).
    if (request.headers['access-control-request-private-network'] === 'true')
      reply.header('access-control-allow-private-network', 'true');
    if (request.method === 'OPTIONS') return reply.code(204).send();
  });
  server.options('/*', (_request, reply) => reply.code(204).send());

  server.get('/healthz', async () => ({ ok: true }));
  server.get('/', (_request, reply) =>
    reply
      .type('text/html')
      .header('content-security-policy', "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
      .send(page),
  );
  server.post('/session', (request, reply) => {
    const given = z.object({ token: z.string() }).safeParse(request.body);
    if (!given.success || !sameSecret(given.data.token, token)) return reply.code(403).send({ error: 'wrong token' });
    return reply
      .header('set-cookie', `${cookieName}=${cookie}; HttpOnly; ${sites(request)}; Path=/; Max-Age=43200`)
      .type('text/plain')
      .send(
        'This browser may read payloads for twelve hours. Name this address in the UI as codec server, with credentials.',
      );
  });

  for (const [path, work] of [
    ['/decode', (payloads: Payload[]) => decodeEach(codec, payloads)],
    ['/encode', (payloads: Payload[]) => codec.encode(payloads)],
  ] as const)
    server.post(path, async (request, reply) => {
      if (!isAllowed(request))
        return reply.code(401).send({ error: 'a bearer token is missing or wrong; see understudy codec serve' });
      const body = payloadsSchema.safeParse(request.body);
      if (!body.success) return reply.code(400).send({ error: 'expected {"payloads": [{"metadata", "data"}]}' });
      return written(await work(read(body.data)));
    });
  return server;
}
