import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Tells responses that wait behind another one on the same connection when the connection is gone. Node tells only the
 * one whose turn it is; the others would hold their places, and what they stream, for ever.
 */
export function closePipelined({ app }: { app: FastifyInstance }): void {
  const waiting = new WeakMap<Socket, Set<ServerResponse>>();
  const waitingOn = (socket: Socket): Set<ServerResponse> => {
    const known = waiting.get(socket);
    if (known) return known;
    const responses = new Set<ServerResponse>();
    waiting.set(socket, responses);
    socket.once('close', () => {
      for (const response of responses)
        if (response.socket === null) {
          response.destroy();
          response.emit('close');
        }
    });
    return responses;
  };
  app.addHook('onRequest', (request, reply, done) => {
    const response = reply.raw;
    if (response.socket === null) {
      const responses = waitingOn(request.raw.socket);
      responses.add(response);
      response.once('close', () => responses.delete(response));
    }
    done();
  });
}
