import type { Notification, Notifier } from '../../activities/ports.js';

const marks = { info: 'i', warning: '!', critical: '!!' } as const;

/** Writes notifications for people who watch the terminal. */
export class ConsoleNotifier implements Notifier {
  readonly #write: (text: string) => void;

  constructor({ write = (text) => void process.stderr.write(text) }: { write?: (text: string) => void } = {}) {
    this.#write = write;
  }

  notify({ severity, title, body, model, releaseId }: Notification): Promise<void> {
    const indented = body === '' ? '' : `${body.replace(/^/gm, '   ')}\n`;
    this.#write(`[${marks[severity]}] ${releaseId ?? model}: ${title}\n${indented}`);
    return Promise.resolve();
  }
}
