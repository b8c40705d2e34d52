import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the model of one name behaves; what is not set is that of a well-behaved model. */
export interface ModelScript {
  delayMilliseconds?: number;
  /** Answers with this status instead of a completion. */
  status?: number;
  /** Sent with the status. */
  headers?: Record<string, string>;
  /** Decides anew for each request; what it gives replaces everything else. */
  each?: (body: ReceivedRequest['body']) => ModelScript;
  /** The answer; by default `<model name>: <last message>`. */
  answer?: string;
  /** Accepts the request and never answers. */
  hangs?: boolean;
  /** Sends this instead of a completion. */
  rawBody?: string;
  /** Cuts the connection after so many chunks of a stream; 0 before the first. */
  breaksAfterChunks?: number;
  /** Streams so many chunks and then stays silent. */
  stallsAfterChunks?: number;
}

export interface ReceivedRequest {
  model: string;
  authorization: string | null;
  body: { model: string; messages: { role: string; content: string }[]; stream?: boolean } & Record<string, unknown>;
}

export interface ScriptedUpstream {
  /** Ends in /v1. */
  endpoint: string;
  received: ReceivedRequest[];
  /** Replaces what the model of this name does. */
  script(input: { model: string } & ModelScript): void;
  /** Requests whose caller hung up before they were answered. */
  hungUp(): number;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that speaks OpenAI's chat completions and behaves as it is told, by model name. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const scripts = new Map<string, ModelScript>();
  const received: ReceivedRequest[] = [];
  let hungUp = 0;
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) hungUp += 1;
    });
    void readJson(request).then(async (body) => {
      received.push({ model: body.model, authorization: request.headers.authorization ?? null, body });
      await play({ script: scripts.get(body.model) ?? {}, body, response });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    received,
    script: ({ model, ...script }) => void scripts.set(model, script),
    hungUp: () => hungUp,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readJson(request: IncomingMessage): Promise<ReceivedRequest['body']> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as ReceivedRequest['body'];
}

async function play(input: {
  script: ModelScript;
  body: ReceivedRequest['body'];
  response: ServerResponse;
}): Promise<void> {
  const { body, response } = input;
  const script = input.script.each?.(body) ?? input.script;
  if (script.delayMilliseconds) await new Promise((resolve) => setTimeout(resolve, script.delayMilliseconds));
  if (script.hangs) return;
  if (script.status !== undefined)
    return sendJson(response, script.status, { error: { message: 'scripted' } }, script.headers);
  if (script.rawBody !== undefined) return void response.end(script.rawBody);
  const answer = script.answer ?? `${body.model}: ${body.messages.at(-1)?.content}`;
  if (body.stream) return stream({ script, answer, body, response });
  sendJson(response, 200, {
    id: 'chatcmpl-upstream',
    object: 'chat.completion',
    created: 1,
    model: body.model,
    choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
  });
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...headers, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function stream(input: {
  script: ModelScript;
  answer: string;
  body: ReceivedRequest['body'];
  response: ServerResponse;
}): Promise<void> {
  const { script, answer, body, response } = input;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const pieces = answer === '' ? [''] : (answer.match(/\S+\s*/g) ?? [answer]);
  for (const content of pieces) {
    if (sent === script.breaksAfterChunks) return void response.destroy();
    if (sent === script.stallsAfterChunks) return;
    const chunk = { object: 'chat.completion.chunk', model: body.model, choices: [{ index: 0, delta: { content } }] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (script.breaksAfterChunks !== undefined) return void response.destroy();
  response.end('data: [DONE]\n\n');
}
