import { request } from 'undici';
import { PortError } from '../../activities/ports.js';
import type { RemoteReader } from './copy-resuming.js';

const timeoutMilliseconds = 30_000;
const mostRedirects = 5;

/** Whether nobody on the way can change what comes: by TLS, or since it never leaves this machine. */
export const isTrusted = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));

/** Reads a file over HTTP by ranges. A server that ignores the range, or whose file changed, is refused when resuming. */
export const httpReader =
  ({ url }: { url: URL }): RemoteReader =>
  async ({ offset, version }) => {
    const { response, from } = await follow({
      url,
      headers: offset === 0 ? {} : { range: `bytes=${offset}-`, ...(version === null ? {} : { 'if-range': version }) },
    });
    const { statusCode, headers, body } = response;
    if (statusCode !== (offset === 0 ? 200 : 206)) {
      await body.dump();
      if (offset > 0 && statusCode === 200)
        throw new PortError('InvalidInput', `${from}: it changed while it was copied, or the server can't resume`);
      const type = statusCode === 404 ? 'NotFound' : statusCode === 401 || statusCode === 403 ? 'Unauthorised' : null;
      throw new PortError(type ?? (statusCode >= 500 ? 'Unavailable' : 'InvalidInput'), `${from}: HTTP ${statusCode}`);
    }
    const length = headers['content-encoding'] === undefined ? Number(headers['content-length'] ?? Number.NaN) : NaN;
    const tag = headers['etag'] ?? headers['last-modified'] ?? null;
    return {
      chunks: body,
      size: Number.isNaN(length) ? null : offset + length,
      version: typeof tag === 'string' && !tag.startsWith('W/') ? tag : null,
    };
  };

async function follow({ url, headers }: { url: URL; headers: Record<string, string> }) {
  let at = url;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const response = await request(at, {
      headers: { ...headers, 'accept-encoding': 'identity' },
      headersTimeout: timeoutMilliseconds,
      bodyTimeout: timeoutMilliseconds,
    });
    const { location } = response.headers;
    const from = `${at.origin}${at.pathname}`;
    if (response.statusCode < 300 || response.statusCode > 399 || typeof location !== 'string')
      return { response, from };
    await response.body.dump();
    const next = new URL(location, at);
    if (!isTrusted(next) || (at.protocol === 'https:' && next.protocol !== 'https:'))
      throw new PortError('InvalidInput', `${from} leads to ${next.origin}: expected https:// all the way`);
    at = next;
  }
  throw new PortError('InvalidInput', `${url.origin}${url.pathname}: more than ${mostRedirects} redirects`);
}
