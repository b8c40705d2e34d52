import { createServer } from 'node:http';

/** An OpenAI-compatible endpoint that answers at once: what is measured is what stands before it. */
const message = { role: 'assistant', content: 'Your parcel leaves tomorrow before 14:00 and arrives the day after.' };
const completion = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 24, completion_tokens: 16, total_tokens: 40 },
  }),
);
const headers = { 'content-type': 'application/json', 'content-length': completion.length };
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => response.writeHead(200, headers).end(completion));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`));
process.stdin.on('end', () => process.exit(0)).resume();
