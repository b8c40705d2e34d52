import { parentPort, workerData } from 'node:worker_threads';
import { type ChatModel, type ChatReply, type FailureType, PortError } from '../../activities/ports.js';
import { OpenAiChat, type OpenAiChatSettings } from './openai-chat.js';

/** A call without its signal, which can't leave its thread. */
export type Asked = Omit<Parameters<ChatModel['complete']>[0], 'signal'>;

/** What a thread is told, and what it tells, as much at a time as there is. */
export interface ToThread {
  asked: { number: number; call: Asked }[];
  cancelled: number[];
}
export type Told =
  | { number: number; reply: ChatReply }
  | { number: number; failure: { type: FailureType; message: string; retryAfterMilliseconds: number | null } };

const chat = new OpenAiChat(workerData as OpenAiChatSettings);
const underWay = new Map<number, AbortController>();
let told: Told[] = [];
const port = parentPort!;

function tell(one: Told): void {
  if (told.push(one) > 1) return;
  setImmediate(() => {
    port.postMessage(told);
    told = [];
  });
}

async function answer({ number, call }: ToThread['asked'][number]): Promise<void> {
  const controller = new AbortController();
  underWay.set(number, controller);
  try {
    tell({ number, reply: await chat.complete({ signal: controller.signal, ...call }) });
  } catch (error) {
    // Whoever cancelled waits for nothing any more.
    if (controller.signal.aborted) return;
    const { type, message, retryAfterMilliseconds } =
      error instanceof PortError ? error : new PortError('Unavailable', String(error));
    tell({ number, failure: { type, message, retryAfterMilliseconds } });
  } finally {
    underWay.delete(number);
  }
}

port.on('message', ({ asked, cancelled }: ToThread) => {
  for (const one of asked) void answer(one);
  for (const number of cancelled) underWay.get(number)?.abort();
});
