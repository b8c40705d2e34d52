import { setTimeout as wait } from 'node:timers/promises';

/** Does its work again and again, one part of it not while it is held. */
export class Mending {
  readonly #always: () => Promise<unknown>;
  readonly #unlessHeld: () => Promise<unknown>;
  #ended = false;
  #held = false;
  #round: Promise<unknown> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();

  constructor({ always, unlessHeld }: { always: () => Promise<unknown>; unlessHeld: () => Promise<unknown> }) {
    this.#always = always;
    this.#unlessHeld = unlessHeld;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Waits for the round under way, so that nothing is mended while `work` is done. */
  async hold(work: () => Promise<void>): Promise<void> {
    this.#held = true;
    await this.#round;
    await work().finally(() => (this.#held = false));
  }

  async stop(): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      this.#round = this.#always()
        .then(() => (this.#held ? null : this.#unlessHeld()))
        .catch(() => null);
      await this.#round;
      await wait(100);
    }
  }
}
