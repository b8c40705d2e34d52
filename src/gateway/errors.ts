import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { HttpError } from './http-error.js';

const unreadable: Readonly<Record<string, { status: number; error: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, error: 'the headers are larger than 16 KiB; send fewer or shorter ones' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, error: 'the request did not come in time; send it at once' },
};

/** What never became a request, and what became one that no route can be found for, in the same form as all else. */
export const unreadableRequests = {
  clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const known = unreadable[error.code ?? ''];
    const { status, error: said } = known ?? { status: 400, error: 'this is no request of HTTP/1.1' };
    const body = JSON.stringify({ error: said });
    if (socket.writable)
      socket.write(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: ${Buffer.byteLength(body)}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${body}`,
      );
    socket.destroy(error);
  },
  frameworkErrors(error: Error & { statusCode?: number }, _request: FastifyRequest, reply: FastifyReply): void {
    void reply.status(error.statusCode ?? 400).send({ error: error.message });
  },
};

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
