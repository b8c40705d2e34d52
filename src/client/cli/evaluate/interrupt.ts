import { setTimeout as wait } from 'node:timers/promises';
import type { Timing } from '../../../activities/judging/pacer.js';
import type { ChatModel } from '../../../activities/ports.js';
import { CannotRun } from '../command-context.js';

/** How work on the command line ends before its end. */
export interface Interrupt {
  /** The same chat, whose calls end with the interrupt. */
  chat(chat: ChatModel): ChatModel;
  /** A clock whose waiting ends with the interrupt. */
  timing: Timing;
}

/** Does `work`, which Ctrl-C ends at once: calls under way are let go, nothing new begins. */
export async function interruptible<Value>(work: (interrupt: Interrupt) => Promise<Value>): Promise<Value> {
  const controller = new AbortController();
  const { signal } = controller;
  const stop = (): void =>
    controller.abort(new CannotRun('interrupted: what was answered is stored, the same command goes on from there'));
  process.on('SIGINT', stop).on('SIGTERM', stop);
  try {
    return await work({
      chat: (chat) => ({
        complete: (input) => {
          signal.throwIfAborted();
          return chat.complete({ ...input, signal });
        },
      }),
      timing: {
        now: () => performance.now(),
        sleep: (milliseconds) =>
          wait(milliseconds, undefined, { signal }).catch(() => {
            throw signal.reason as Error;
          }),
      },
    });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
