import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOf, judgeModel, numberIn, scoreOf, secondWording } from './evaluation-cases.js';

/** What the server is told; each is answered with `ServedRequests`, counted since the last one. */
export interface ServerOrder {
  /** How long every reply to come is held, in milliseconds. */
  delayMilliseconds: number;
}

export interface ServedRequests {
  /** Answered requests by model. */
  byModel: Record<string, number>;
  /** From the first request to the last reply, in seconds; 0 where there was none. */
  seconds: number;
  /** How long a reply was held on average, which a timer of 50 ms makes a little more than that. */
  heldMilliseconds: number;
}

interface ChatRequest {
  model: string;
  messages: { role: string; content: string }[];
}

let delayMilliseconds = 0;
let served = empty();

function empty() {
  return { byModel: new Map<string, number>(), first: 0, last: 0, held: 0, requests: 0 };
}

const server = createServer((request, response) => {
  const begun = performance.now();
  served.first ||= begun;
  void readBody(request).then((body) => {
    const chat = JSON.parse(body) as ChatRequest;
    const reply = (): void => send({ chat, body, response, begun });
    if (delayMilliseconds === 0) reply();
    else setTimeout(reply, delayMilliseconds);
  });
});
// A client that thinks for a while between two questions must not find its connection gone.
server.keepAliveTimeout = 120_000;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** The judge's reply fits both programs: one reads the rating, the other also asks for `pass`. */
function textOf({ model, messages }: ChatRequest): string {
  const asked = messages.at(-1)!.content;
  const number = numberIn(asked);
  if (model !== judgeModel) {
    const isSecond = messages[0]!.content === secondWording;
    return answerOf({ number, wording: isSecond ? 'second' : 'first' });
  }
  return JSON.stringify({ reason: 'The sentences follow from each other.', score: scoreOf(number), pass: true });
}

function send({
  chat,
  body,
  response,
  begun,
}: {
  chat: ChatRequest;
  body: string;
  response: ServerResponse;
  begun: number;
}): void {
  const content = textOf(chat);
  const tokens = { prompt_tokens: Math.ceil(body.length / 4), completion_tokens: Math.ceil(content.length / 4) };
  const text = JSON.stringify({
    ...{ id: 'chatcmpl-bench', object: 'chat.completion', created: 1, model: chat.model },
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { ...tokens, total_tokens: tokens.prompt_tokens + tokens.completion_tokens },
  });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
  served.last = performance.now();
  served.held += served.last - begun;
  served.requests += 1;
  served.byModel.set(chat.model, (served.byModel.get(chat.model) ?? 0) + 1);
}

process.on('message', (order: ServerOrder) => {
  const { byModel, first, last, held, requests } = served;
  const counted: ServedRequests = {
    byModel: Object.fromEntries(byModel),
    seconds: requests === 0 ? 0 : (last - first) / 1000,
    heldMilliseconds: requests === 0 ? 0 : held / requests,
  };
  served = empty();
  ({ delayMilliseconds } = order);
  process.send!(counted);
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
