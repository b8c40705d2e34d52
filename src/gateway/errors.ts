import type { FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { HttpError } from './http-error.js';

/** Answers every refusal as `{error}` with the right status; what went wrong inside stays in the log. */
export function addErrorHandlers({ app }: { app: FastifyInstance }): void {
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({ error: `${request.method} ${request.url.split('?')[0]} is not served here` }),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof HttpError)
      return reply.status(error.statusCode).headers(error.headers).send({ error: error.message });
    if (hasZodFastifySchemaValidationErrors(error))
      return reply.status(400).send({ error: describeIssues(error.validation, error.validationContext) });
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.status(status).send({ error: error.message });
    request.log.error({ err: error }, 'request failed');
    if (status === 503) return reply.status(503).header('retry-after', '1').send({ error: error.message });
    return reply.status(500).send({ error: 'the gateway failed; its log says why' });
  });
}

/** Each field with what was expected of it: "query: expected string, received number". */
function describeIssues(
  issues: { instancePath: string; message?: string | undefined }[],
  context: string | undefined,
): string {
  const lines = issues.map(({ instancePath, message }) => {
    const field = instancePath.split('/').filter(Boolean).join('.');
    return `${field || (context ?? 'body')}: ${(message ?? 'not valid').replace(/^Invalid input: /, '')}`;
  });
  return [...new Set(lines)].join('; ');
}
