import type { FastifyInstance } from 'fastify';
import { HttpError } from './http-error.js';

/**
 * Notes the routes that are added from now on; what it returns adds 405 with `allow` for every other method of their
 * addresses.
 */
export function otherMethods({ app }: { app: FastifyInstance }): () => void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methodsOf.get(url) ?? new Set();
    for (const one of [method].flat()) known.add(one);
    methodsOf.set(url, known);
  });
  return () => {
    for (const [url, known] of [...methodsOf]) {
      const allow = [...known].join(', ');
      app.route({
        url,
        method: app.supportedMethods.filter((method) => !known.has(method)),
        schema: { hide: true },
        onRequest: (request, _reply, done) =>
          done(new HttpError(405, `${request.method} ${url} is not served here; use ${allow}`, { allow })),
        handler: (_request, reply) => reply,
      });
    }
  };
}
