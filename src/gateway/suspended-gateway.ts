import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { buildGatewayParts, type GatewayOptions } from './app.js';
import type { GatewayContext } from './context.js';
import { firstTidyMilliseconds, removeOldTexts, tidyMilliseconds } from './old-texts.js';

/**
 * A gateway in a process that stands still between requests, as Lambda's does: what another does by timers is done
 * around each request. Plans and keys that are older than a poll are read before it; counters, log and shadow pairs are
 * written before its answer goes out, so that a process that is never woken again has lost nothing.
 */
export class SuspendedGateway {
  readonly app: FastifyInstance;
  readonly #context: GatewayContext;
  readonly #options: Omit<GatewayOptions, 'suspended'>;
  #readAt = -Infinity;
  #reading: Promise<void> = Promise.resolve();
  #sharedAt = -Infinity;
  #tidyAt: number;

  constructor(options: Omit<GatewayOptions, 'suspended'>) {
    const { app, context } = buildGatewayParts({ ...options, suspended: true });
    this.app = app;
    this.#context = context;
    this.#options = options;
    this.#tidyAt = options.clock() + firstTidyMilliseconds;
  }

  /** Answers one request, whose answer `respond` gets from the app. */
  async around<Response>(respond: () => Promise<Response>): Promise<Response> {
    await this.#read();
    try {
      return await respond();
    } finally {
      await this.#settle();
    }
  }

  /** Once for requests that come together. */
  #read(): Promise<void> {
    const { clock, settings } = this.#options;
    const now = clock();
    if (now - this.#readAt >= settings.planPollMilliseconds) {
      this.#readAt = now;
      this.#reading = this.#readAll(now);
    }
    return this.#reading;
  }

  async #readAll(now: number): Promise<void> {
    const { keys, plans } = this.#context;
    const refreshKeys = keys
      .refresh()
      .catch((error: unknown) => this.app.log.warn({ err: error }, 'API keys not read, they stay as they were'));
    await Promise.all([refreshKeys, plans.refresh(), this.#share(now)]);
  }

  /** Never rejects: what could not be written stays for the next request, and is told. */
  async #settle(): Promise<void> {
    // The log takes its line, and the mirror its copy, in the turn after the answer.
    await nextTurn();
    const { recorder, log, mirror } = this.#context;
    await Promise.all([recorder.flush(), log.flush(), mirror.finish(), this.#tidy()]);
  }

  async #share(now: number): Promise<void> {
    if (now - this.#sharedAt < this.#options.settings.limitSharingMilliseconds) return;
    const isFirst = this.#sharedAt === -Infinity;
    this.#sharedAt = now;
    await (isFirst ? this.#context.sharing.restore() : this.#context.sharing.share());
  }

  async #tidy(): Promise<void> {
    const { store, clock } = this.#options;
    if (clock() < this.#tidyAt) return;
    this.#tidyAt = clock() + tidyMilliseconds;
    await removeOldTexts({ store, plans: this.#context.plans, clock }).catch((error: unknown) =>
      this.app.log.warn({ err: error }, 'old texts not removed, trying again in an hour'),
    );
  }
}
